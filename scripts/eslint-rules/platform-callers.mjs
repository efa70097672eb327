// `withPlatform(reason, …)` steps around row-level security, so each caller and its reason stand in one reviewed list.
const textOf = (node) => {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
};

export default {
  meta: {
    type: 'problem',
    docs: { description: 'every caller of withPlatform is listed in libs/database/platform-callers.json' },
    schema: [
      {
        type: 'object',
        properties: { file: { type: 'string' }, callers: { type: 'object' } },
        required: ['file', 'callers'],
      },
    ],
    messages: {
      notLiteral: 'Say the reason of withPlatform as a literal: it is what a reviewer reads in {{list}}.',
      notListed: 'Add "{{reason}}" to {{list}} under "{{file}}": this call sees the rows of every tenant.',
      notCalled: 'Call withPlatform where it is meant; handed on it cannot be checked against {{list}}.',
      stale: 'Take "{{reason}}" out of {{list}}: nothing in "{{file}}" says it any more.',
    },
  },
  create(context) {
    const { file: list, callers } = context.options[0];
    const file = relativePath(context);
    const listed = callers[file] ?? [];
    const seen = new Set();

    function handedOn(node) {
      context.report({ node, messageId: 'notCalled', data: { list } });
    }

    return {
      'CallExpression[callee.property.name="withPlatform"]'(node) {
        const reason = textOf(node.arguments[0]);
        if (reason === undefined) context.report({ node, messageId: 'notLiteral', data: { list } });
        else if (!listed.includes(reason))
          context.report({ node, messageId: 'notListed', data: { list, reason, file } });
        seen.add(reason);
      },
      'MemberExpression[property.name="withPlatform"]'(node) {
        if (node.parent.type !== 'CallExpression' || node.parent.callee !== node) handedOn(node);
      },
      'MemberExpression[computed=true][property.value="withPlatform"]': handedOn,
      'ObjectPattern > Property[key.name="withPlatform"]': handedOn,
      'Program:exit'(node) {
        for (const reason of listed)
          if (!seen.has(reason)) context.report({ node, messageId: 'stale', data: { list, reason, file } });
      },
    };
  },
};

const relativePath = ({ cwd, filename }) => filename.slice(cwd.length + 1).replaceAll('\\', '/');
