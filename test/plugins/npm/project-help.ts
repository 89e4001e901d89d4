import type { ProjectHelp } from "../../../plugins/npm/locks/index.ts";

/** For locks that say all themselves: nobody is to be asked for a package, and no thread for help. */
export const NO_HELP: ProjectHelp = {
  publishedBy() {
    throw new Error("a package was asked for");
  },
  signal: new AbortController().signal,
  tasks: {
    inWorker() {
      throw new Error("a thread was asked");
    },
  },
};
