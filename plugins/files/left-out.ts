/** Telling what a source leaves out by itself, so that nobody looks for it in the image. */
import { displayBytes, encodeText, type CollectContext, type TreePath } from "../../core/index.ts";
import type { Ignored } from "./ignore/ignored.ts";
import type { PrivateNames } from "./private-names.ts";
import type { FilesOptions } from "./sources.ts";
import type { WrittenBelow } from "./written.ts";

export interface LeftOut {
  readonly written: WrittenBelow;
  readonly own: PrivateNames;
  readonly ignored: readonly Ignored[];
}

export interface TellingContext extends Pick<CollectContext, "emit" | "target"> {
  /** What was said of ignore files, whichever the target. */
  readonly told: Set<string>;
}

/** `from`: what the source takes, as the config says it; `leftOut`: as `files` is given it. */
export function tellLeftOut(
  { from, leftOut }: Pick<FilesOptions, "leftOut"> & { readonly from: string },
  { written, own, ignored }: LeftOut,
  { emit, target, told }: TellingContext,
): void {
  const note = (rest: string): void =>
    emit({ type: "note", message: `${target}: files("${from}") leaves out ${rest}` });
  if (written.met.size > 0) note(`what builds of this config write: ${names(written.met).join(", ")}`);
  if (own.met.size > 0) {
    note(`${names([...own.met].map(encodeText)).join(", ")}; what is named outright comes along`);
  }
  for (const { file, met } of ignored) {
    if (met.size > 0) leftOut?.(file, [...met]);
    const message = `files("${from}") leaves out what ${file} lists; ignore: false takes it`;
    if (met.size === 0 || leftOut !== undefined || told.has(message)) continue;
    told.add(message);
    emit({ type: "note", message, detail: names(met) });
  }
}

function names(paths: Iterable<TreePath | string>): readonly string[] {
  return [...paths].sort().map(displayBytes);
}
