/** What a build reads of the host, told while it reads: so `build --watch` knows what another build would find changed. */
import type { HostPath, HostStat } from "./entry.ts";

/** Whom a build tells what it reads. What the store keeps needs no telling, and what is told of twice does no harm. */
export interface HostReads {
  /** A file that is read at once, or is looked for and may not be there: say it before you look. Of a folder, that it is one. */
  path(path: HostPath): void;
  /** The names in a folder, but for those that `keep` leaves out: say it before they are listed. */
  folder(folder: HostPath, keep?: (name: string) => boolean): void;
  /** A file that is read later, as it was when it was listed. The files of the trees that sources give need no telling. */
  file(file: HostPath, stat: HostStat): void;
}

/** For a build that is made once. */
export const UNHEARD_READS: HostReads = { path() {}, folder() {}, file() {} };
