/** Sources for what programs take for granted. */
import {
  STAGE,
  directoryEntry,
  lookup,
  withEntries,
  type BuildHooks,
  type FileTree,
  type Plugin,
} from "../../core/index.ts";
import { ownerIn, withAccount, type AccountOptions } from "./account.ts";
import { collectBundleLinks, collectProgramLink, temporaryDirectories } from "./collect.ts";
import { fakeNssTree, withNameServices, withUsers } from "./fake-nss.ts";
import { settleLinks, warnOfDanglingLinks, withLinks, type SettledLinks, type WantedLinks } from "./links.ts";
import { placeIn } from "./place.ts";
import { requests } from "./requests.ts";
import { shadowSetup, withShadowFiles } from "./shadow.ts";
import {
  environmentSources,
  type CaCertificatesOptions,
  type FakeNssOptions,
  type ProgramLinkOptions,
  type ShadowFilesOptions,
  type WorkdirOptions,
} from "./sources.ts";

const NAME = "environment";

export const environmentPlugin: Plugin = {
  name: NAME,
  sources: environmentSources,
  apply(builder) {
    builder.hooks.build.tap(NAME, ({ hooks }) => {
      hooks.collect.for("tmp").tap(NAME, () => ({ nodes: [], roots: [], image: temporaryDirectories() }));
      tapUsers(hooks);
      tapLinks(hooks);
      tapAccounts(hooks);
    });
  },
};

/** Users are there before packages are installed on paper, so that those count them in; the rest fills gaps afterwards. */
function tapUsers({ collect, merge }: BuildHooks): void {
  const users = requests<FakeNssOptions>();
  const shadow = requests<ShadowFilesOptions>();
  collect
    .for("fakeNss")
    .tap(NAME, (source) => ({ ...users.add(source, source.options as FakeNssOptions), image: fakeNssTree() }));
  collect.for("shadowFiles").tap(NAME, (source) => shadow.add(source, source.options as ShadowFilesOptions));

  merge.tap({ name: NAME, stage: STAGE.before }, (tree, { closure }) => {
    const asked = users.of(closure);
    return asked.length === 0 ? tree : withUsers(tree, asked);
  });
  merge.tap({ name: NAME, stage: STAGE.after }, (tree, { closure, spec, target, emit }) => {
    const hasUsers = users.of(closure).length > 0;
    const setups = shadow.of(closure);
    const runsSetup = spec.runs.some(({ script }) => typeof script === "string" && script.includes(shadowSetup));
    if (hasUsers && (setups.length > 0 || runsSetup)) {
      emit({
        type: "warning",
        code: "W_SHADOW_SETUP",
        message: `${target}: fakeNss() makes /etc/passwd, so ${runsSetup ? "shadowSetup" : "shadowFiles()"} makes no /etc/shadow`,
        hint: "Leave fakeNss() out",
      });
    }
    return setups.reduce(withShadowFiles, hasUsers ? withNameServices(tree) : tree);
  });
}

/** Last, so that users and directories that anything else brings are theirs. */
function tapAccounts({ collect, merge }: BuildHooks): void {
  const accounts = requests<AccountOptions>();
  const workdirs = requests<WorkdirOptions>();
  collect.for("account").tap(NAME, (source) => accounts.add(source, source.options as AccountOptions));
  collect.for("workdir").tap(NAME, (source) => workdirs.add(source, source.options as WorkdirOptions));
  merge.tap({ name: NAME, stage: STAGE.after }, (merged, context) => {
    const users = accounts.of(context.closure);
    const tree = users.reduce((before, asked) => withAccount(before, asked, context), merged);
    return workdirs.of(context.closure).reduce(withWorkdir, tree);
  });
}

/** As BuildKit makes a Dockerfile's WORKDIR: the user's, where nothing is. A user that a script is yet to make has it not. */
function withWorkdir(tree: FileTree, { path, user }: WorkdirOptions): FileTree {
  if (lookup(tree, path) !== undefined) return tree;
  const owner = user === undefined ? undefined : ownerIn(tree, user);
  return withEntries(tree, [{ ...directoryEntry(placeIn(tree, path)), ...owner, origin: "image" }]);
}

function tapLinks({ collect, merge, image }: BuildHooks): void {
  const links = requests<WantedLinks>();
  let settled: readonly SettledLinks[] = [];
  for (const kind of ["binSh", "usrBinEnv"] as const) {
    collect.for(kind).tapPromise(NAME, async (source, context) => {
      const { wanted, collected } = await collectProgramLink(kind, source.options as ProgramLinkOptions, context);
      return links.add(source, wanted, collected);
    });
  }
  collect.for("caCertificates").tapPromise(NAME, async (source, context) => {
    const { wanted, collected } = await collectBundleLinks(source.options as CaCertificatesOptions, context);
    return links.add(source, wanted, collected);
  });
  merge.tap({ name: NAME, stage: STAGE.after }, (merged, context) => {
    settled = links.of(context.closure).map((wanted) => settleLinks(merged, wanted));
    return settled.reduce((tree, each) => withLinks(tree, each, context), merged);
  });
  // Scripts may still bring what a link leads to.
  image.tap({ name: NAME, stage: STAGE.report }, (finished, { spec, emit }) => {
    // Without its store an image is full of links that lead out of it.
    const checked = spec.includeStorePaths === false ? [] : settled;
    for (const each of checked) warnOfDanglingLinks(finished.tree, each, emit);
    return finished;
  });
}
