/** Names that dash answers itself, so that `command -v` finds them without a file in PATH. */
export const DASH_BUILTINS: ReadonlySet<string> = new Set(
  "[ test true false echo printf pwd kill alias bg fg jobs times ulimit unalias".split(" "),
);
