// A store reads and writes inside the transaction that its caller opened: the tenant context comes with it, and what
// one request decides is committed together.
const isTransaction = (parameter) =>
  parameter?.type === 'Identifier' &&
  parameter.name === 'tx' &&
  parameter.typeAnnotation?.typeAnnotation.type === 'TSTypeReference' &&
  parameter.typeAnnotation.typeAnnotation.typeName.name === 'Transaction';

const isFunction = (node) => node?.type === 'ArrowFunctionExpression' || node?.type === 'FunctionExpression';

const isInternal = (member) =>
  member.accessibility === 'private' ||
  member.accessibility === 'protected' ||
  member.key.type === 'PrivateIdentifier' ||
  member.kind === 'constructor';

export default {
  meta: {
    type: 'problem',
    docs: { description: 'what a *.store.ts file offers takes `tx: Transaction` first' },
    schema: [],
    messages: { missing: 'Take `tx: Transaction` as the first parameter of {{name}}.' },
  },
  create(context) {
    const sourceCode = context.sourceCode;

    function check(fn, nameNode) {
      if (isTransaction(fn.params[0])) return;
      context.report({
        node: nameNode ?? fn,
        messageId: 'missing',
        data: { name: nameNode ? sourceCode.getText(nameNode) : 'it' },
      });
    }

    function checkMember(member) {
      if (isInternal(member)) return;
      if (isFunction(member.value) || member.value?.type === 'TSEmptyBodyFunctionExpression')
        check(member.value, member.key);
    }

    return {
      'ExportNamedDeclaration > FunctionDeclaration': (node) => check(node, node.id),
      'ExportDefaultDeclaration > FunctionDeclaration': (node) => check(node, node.id),
      'ExportNamedDeclaration > VariableDeclaration > VariableDeclarator'(node) {
        if (isFunction(node.init)) check(node.init, node.id);
      },
      MethodDefinition: checkMember,
      PropertyDefinition: checkMember,
      TSAbstractMethodDefinition: checkMember,
      'ExportNamedDeclaration > TSInterfaceDeclaration > TSInterfaceBody > TSMethodSignature': (node) =>
        check(node, node.key),
    };
  },
};
