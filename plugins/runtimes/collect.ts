/** Collects one runtime: its program, and as needs of it the C library. */
import {
  ImageDslError,
  cLibraries,
  platformText,
  type Collected,
  type CollectContext,
  type FileTree,
  type Source,
  type StageContext,
} from "../../core/index.ts";
import type { RuntimeOptions } from "./options.ts";
import { PROGRAMS, type RuntimeKind, type RuntimeProgram } from "./programs.ts";

/** Debian's newest stable release. */
const SUITE = "trixie";

/** Throws `E_PLATFORM_INVALID`, and what the sources that it takes throw. */
export async function collectRuntime(
  kind: RuntimeKind,
  options: RuntimeOptions,
  context: CollectContext,
): Promise<Collected> {
  const debian = librariesOf(kind, options, context);
  const [program, libraries] = await Promise.all([
    context.collect(programOf(kind, options, context)),
    debian && context.collect(debian),
  ]);
  if (libraries === undefined) return program;
  return {
    nodes: [...program.nodes.map((each) => ({ ...each, needs: libraries.roots })), ...libraries.nodes],
    roots: program.roots,
    ...(libraries.image && { image: libraries.image }),
  };
}

/** What is pinned of it. */
export function programOf(kind: RuntimeKind, { version }: RuntimeOptions, { platform }: StageContext): Source {
  const { packages, files }: RuntimeProgram = PROGRAMS[kind];
  const name = platform.os === "linux" ? packages[platform.architecture] : undefined;
  if (name === undefined) {
    throw new ImageDslError("E_PLATFORM_INVALID", `There is no ${kind} for ${platformText(platform)}`, {
      hint: `It is there for ${Object.keys(packages)
        .map((architecture) => `linux/${architecture}`)
        .join(" and ")}`,
    });
  }
  return { kind: "npm-package", options: { name, version, files, asked: kind } };
}

/** One Debian in an image: that of its own packages, where it has some. */
export function librariesOf(
  kind: RuntimeKind,
  { libraries }: RuntimeOptions,
  { spec }: StageContext,
): Source | undefined {
  if (libraries === false || (libraries === undefined && spec.base !== undefined)) return undefined;
  const suites = spec.contents.flatMap((each) =>
    each.kind === "debian" ? ((each.options as { readonly suite?: string }).suite ?? []) : [],
  );
  return { kind: "debian", options: { suite: libraries ?? suites[0] ?? SUITE, packages: PROGRAMS[kind].libraries } };
}

/** Throws `E_BASE_IMAGE` where the base's C library is musl: the program would not start. */
export function refuseMusl(kinds: ReadonlySet<RuntimeKind>, base: FileTree, target: string): void {
  const { musl } = cLibraries(base);
  if (musl === undefined || kinds.size === 0) return;
  const [kind] = kinds;
  throw new ImageDslError(
    "E_BASE_IMAGE",
    `The base of "${target}" has musl for its C library (/${musl}), and ${kind}() is built for glibc`,
    { hint: `Build on an image with glibc, such as Debian's, or take the base's own ${kind} and leave ${kind}() out` },
  );
}
