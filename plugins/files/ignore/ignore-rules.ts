/** What ignore files have in common: what they say of paths, and how they are read. */
import { lstatSync, type Stats } from "node:fs";
import {
  ImageDslError,
  PatternFault,
  messageOf,
  readRegularSync,
  requireWithin,
  systemCodeOf,
  type TreePath,
} from "../../../core/index.ts";

/** Paths are from the file's own folder; of several files, from the uppermost one's. */
export interface IgnoreRules {
  excludes(path: TreePath, isFolder: () => boolean): boolean;
  /** Whether something in an excluded folder may be taken again. */
  mayHold(path: TreePath): boolean;
}

const DO_WITHOUT = "ignore: false takes no heed of it";

/** The lines that `read` makes something of. Throws `E_FILES` with the place of a line that cannot be understood. */
export function readLines<Line>(
  file: string,
  encoding: "utf8" | "latin1",
  read: (line: string) => Line | undefined,
): readonly Line[] {
  const [first = "", ...others] = readIgnoreFile(file).toString(encoding).split("\n");
  // Each is held against each path.
  requireWithin("ignore.lines", others.length, file);
  return [first.replace(/^(\uFEFF|\xef\xbb\xbf)/, ""), ...others].flatMap((line, index) => {
    try {
      return read(line) ?? [];
    } catch (cause) {
      if (!(cause instanceof PatternFault)) throw cause;
      throw new ImageDslError("E_FILES", `The pattern "${line.trim()}" ${cause.message}`, {
        place: { file, line: index + 1 },
        hint: `Write it in another way. ${DO_WITHOUT}`,
      });
    }
  });
}

function readIgnoreFile(file: string): Buffer {
  try {
    return readRegularSync(file, "settings.bytes");
  } catch (cause) {
    throw new ImageDslError("E_FILES", `Cannot read ${file}: ${messageOf(cause)}`, {
      cause,
      hint: DO_WITHOUT,
    });
  }
}

/** Undefined where nothing is there. */
export function statOf(path: string | Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCodeOf(error) ?? "")) return undefined;
    throw error;
  }
}
