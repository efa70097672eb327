import { passwordProblems } from './password-problems.js';

const problemsOf = (password: string, username = 'admin@example.com') =>
  passwordProblems(password, { username });

describe('passwordProblems', () => {
  it.each([
    'Admin123!',
    'correct horse battery staple',
    'пароль-посложнее',
    '🙂🙃🙂🙃🙂🙃🙂🙃',
    'x'.repeat(255) + 'y',
  ])('has nothing against %j', (password) => expect(problemsOf(password)).toEqual([]));

  it.each([
    ['Short1!', 'It needs at least 8 characters'],
    ['🙂🙃🙂🙃', 'It needs at least 8 characters'],
    ['', 'It needs at least 8 characters'],
    ['x'.repeat(257), 'It may have at most 256 characters'],
    ['password', 'It is one of the most common passwords'],
    ['PassWord123', 'It is one of the most common passwords'],
    ['ｐａｓｓｗｏｒｄ', 'It is one of the most common passwords'],
    ['1234567890', 'It is one of the most common passwords'],
    ['with\u0000a null byte', 'It may not contain control characters'],
    ['with\na line break', 'It may not contain control characters'],
    ['half a character \ud800', 'It may not contain control characters'],
    ['admin@example.com', 'It may not be the user name'],
    ['ADMIN@example.com', 'It may not be the user name'],
  ])('says of %j: %s', (password, problem) => expect(problemsOf(password)).toEqual([problem]));

  it('names all problems at once', () => expect(problemsOf('bob\t', 'bob')).toHaveLength(3));
});
