/** Recursion as deep as a chain of dependencies is long: calls are generators, kept on a stack of our own. */

/** What it yields is called; it goes on when that has ended. */
export type DeepCall = Generator<DeepCall, void, void>;

export function runDeep(first: DeepCall): void {
  const stack = [first];
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const { done, value } = top.next();
    if (done === true) stack.pop();
    else stack.push(value);
  }
}
