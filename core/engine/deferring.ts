/** Planning with archives that are not here: what is made after something of one was missed may be wrong, and is not written down. */
import type { BuildContext } from "../pipeline/context.ts";
import type { SharedResults } from "../store/shared-cache/shared-results.ts";
import type { Store } from "../store/store.ts";
import { ArchiveMissed, type Deferral } from "../tree/deferred-archives.ts";

export interface Deferring {
  /** For the stages of all images. */
  readonly context: BuildContext;
  /** Throws `ArchiveMissed` where something was missed since it began, whatever became of the error then. */
  check(): void;
}

export function deferring(context: BuildContext, deferral: Deferral): Deferring {
  const check = (): void => {
    if (deferral.hasMissed) throw new ArchiveMissed("Something of an archive was missed that is not here yet");
  };
  const { store, shared } = context;
  return {
    context: {
      ...context,
      deferral,
      store: checkedStore(store, check),
      ...(shared && { shared: checkedResults(shared, check) }),
    },
    check,
  };
}

function checkedStore(store: Store, check: () => void): Store {
  const checked =
    <Made>(make: (place: string) => Promise<Made>) =>
    async (place: string): Promise<Made> => {
      const made = await make(place);
      check();
      return made;
    };
  return {
    directory: store.directory,
    findBlob: (digest) => store.findBlob(digest),
    derivedPath: (...place) => store.derivedPath(...place),
    findDerived: (...place) => store.findDerived(...place),
    putBlob: (...blob) => store.putBlob(...blob),
    takeBlob: (...blob) => store.takeBlob(...blob),
    fetchBlob: (...blob) => store.fetchBlob(...blob),
    derive: (kind, key, extension, make) => store.derive(kind, key, extension, checked(make)),
    deriveDirectory: (kind, key, make, signal) => store.deriveDirectory(kind, key, checked(make), signal),
    readRecord: (kind, key) => store.readRecord(kind, key),
    writeRecord: async (...record) => (check(), store.writeRecord(...record)),
    temporaryDirectory: (purpose) => store.temporaryDirectory(purpose),
    close: () => store.close(),
  };
}

function checkedResults(shared: SharedResults, check: () => void): SharedResults {
  return {
    ...shared,
    keep(...result) {
      check();
      shared.keep(...result);
    },
  };
}
