/** The content of files that every container makes for itself. Copies and new names of such a file have it too. */
import type { ContentHandle } from "../../../core/index.ts";

export const UNKNOWN: ContentHandle = { kind: "inline", bytes: Buffer.from("unknown") };
