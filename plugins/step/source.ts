/** `step`: what users may say. */
import * as v from "valibot";
import {
  defineSource,
  imagePathSchema,
  isSource,
  recordOf,
  type ScriptShell,
  type Source,
  type SourcePlacement,
} from "../../core/index.ts";

/** What a step's function is given. */
export interface StepContext<Name extends string = string> {
  /** zx's `$`. Its commands run in the sandbox, in an empty directory, with the step's environment. */
  readonly $: ScriptShell;
  /** An empty directory: what is in it at the end is what the step makes. */
  readonly out: string;
  /** By the names of the inputs: read-only directories with their trees. */
  readonly inputs: Readonly<Record<Name, string>>;
  /** Fires at Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Options of `step`. */
export interface StepOptions<Name extends string = string> extends Pick<SourcePlacement, "layer"> {
  /** For messages and the layers' comments. @default "step" */
  readonly name?: string | undefined;
  /** Sources that the step reads, each by a name that is one of the shell's: `{ src: files("src") }`. @default {} */
  readonly inputs?: Readonly<Record<Name, Source>> | undefined;
  /** Variables of the commands' environment; they count when the step is looked up. @default {} */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A function, or bash text (`set -euo pipefail`) with `$out` and, for the input `src`, `$inputs_src`. */
  readonly run: string | ((context: StepContext<Name>) => unknown);
  /**
   * Programs of the system that it uses (`["node", "gzip"]`), each of which answers to `--version`: their versions count when it is looked up,
   * and machines that have the same may run it (docs/remote-execution.md). Without it, it runs here.
   */
  readonly tools?: readonly string[] | undefined;
  /** Where what it makes lands in the image. @default "/" */
  readonly dest?: string | undefined;
}

/** The shell's names, so that texts can use them as variables. */
const VARIABLE = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "Expected a shell variable's name: letters, digits and _"),
);

export const stepSource = defineSource<"step", StepOptions>(
  "step",
  v.strictObject({
    name: v.optional(v.pipe(v.string(), v.regex(/^[\w.+-]+$/, "Expected letters, digits and any of . _ + -"))),
    inputs: v.optional(
      recordOf(
        VARIABLE,
        v.custom<Source>(isSource, `expected a source, such as files("src") or debian({ … })`),
        '{ src: files("src") }',
      ),
    ),
    env: v.optional(
      recordOf(
        v.pipe(VARIABLE, v.regex(/^(?!out$|inputs_)/, "Expected another name: out and inputs_… are the step's own")),
        v.pipe(
          v.string(),
          v.check((text) => !text.includes("\0"), "cannot hold a NUL character"),
        ),
        '{ NODE_ENV: "production" }',
      ),
    ),
    run: v.custom<StepOptions["run"]>(
      (value) => (typeof value === "string" && value.trim() !== "") || typeof value === "function",
      "expected bash text or a function of { $, out, inputs, signal }",
    ),
    tools: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.regex(/^\w[\w.+-]*$/, 'Expected a program\'s name, such as "node"'))),
        v.minLength(1, 'Expected at least one, such as "bash"'),
      ),
    ),
    dest: v.optional(imagePathSchema),
  }),
);

/**
 * A build step: commands that read the inputs and write into an empty directory, whose content goes into the image. It
 * is run again only when something it may depend on has changed. `image-dsl doctor` says whether there is a sandbox here.
 *
 * @example
 * step({
 *   name: "web",
 *   inputs: { src: files(["package.json", "src/**"]) },
 *   env: { NODE_ENV: "production" },
 *   run: ({ $, inputs, out }) => $`node ${inputs.src}/src/build.js ${out}`,
 *   dest: "/srv/web",
 * })
 */
export function step<const Name extends string = string>(options: StepOptions<Name>): Source<"step", StepOptions> {
  // The function is only ever given the inputs that are named beside it.
  return stepSource(options as unknown as StepOptions);
}
