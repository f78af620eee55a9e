/**
 * The value of an arithmetic expression with + - * / and parentheses.
 *
 * @throws {SyntaxError} when it is none. @throws {RangeError} when it divides by zero.
 */
export function calculate(expression: string): number {
  const tokens = tokensOf(expression);
  const value = sum(tokens);
  if (tokens.length > 0) throw new SyntaxError(`unexpected "${tokens[0]}" in "${expression}"`);
  return value;
}

/** So that nested parentheses cannot overflow the stack. */
const MAX_CHARACTERS = 1_000;

function tokensOf(expression: string): string[] {
  if (expression.length > MAX_CHARACTERS) throw new SyntaxError(`longer than ${MAX_CHARACTERS} characters`);
  const tokens = expression.match(/\d+(?:\.\d+)?|[-+*/()]|\S/g) ?? [];
  const strange = tokens.find((token) => !/^(?:\d.*|[-+*/()])$/.test(token));
  if (strange !== undefined) throw new SyntaxError(`unexpected "${strange}" in "${expression}"`);
  return tokens;
}

function sum(tokens: string[]): number {
  let value = product(tokens);
  while (tokens[0] === '+' || tokens[0] === '-') {
    const sign = tokens.shift() === '+' ? 1 : -1;
    value += sign * product(tokens);
  }
  return value;
}

function product(tokens: string[]): number {
  let value = factor(tokens);
  while (tokens[0] === '*' || tokens[0] === '/') {
    const isProduct = tokens.shift() === '*';
    const next = factor(tokens);
    if (!isProduct && next === 0) throw new RangeError('division by zero');
    value = isProduct ? value * next : value / next;
  }
  return value;
}

function factor(tokens: string[]): number {
  const token = tokens.shift();
  if (token === '-') return -factor(tokens);
  if (token === '(') {
    const value = sum(tokens);
    if (tokens.shift() !== ')') throw new SyntaxError('a parenthesis is not closed');
    return value;
  }
  if (token === undefined || !/^\d/.test(token))
    throw new SyntaxError(`expected a number, found ${token ?? 'the end'}`);
  return Number(token);
}
