/** Owners given by name: the users and groups of the merged tree. */
import {
  ImageDslError,
  NOT_YET_KNOWN,
  decodeText,
  encodeText,
  fileText,
  nearest,
  parseGroup,
  parsePasswd,
  withEntries,
  type FileTree,
  type MergeContext,
} from "../../core/index.ts";

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** `owners`: by node, `USER` or `USER:GROUP`. Throws `E_FILES` where the tree has none of that name. */
export function withNamedOwners(
  tree: FileTree,
  owners: ReadonlyMap<string, string>,
  { target }: Pick<MergeContext, "target">,
): FileTree {
  const ids = new Map<string, Ids>();
  const idsOf = (owner: string): Ids => {
    const known = ids.get(owner) ?? readIds(tree, owner, target);
    ids.set(owner, known);
    return known;
  };
  return withEntries(
    tree,
    tree.entries().flatMap((entry) => {
      const isTheirs = entry.uid === NOT_YET_KNOWN.uid && entry.origin !== undefined;
      const owner = isTheirs ? owners.get(entry.origin) : undefined;
      return owner === undefined ? [] : [{ ...entry, ...idsOf(owner) }];
    }),
  );
}

function readIds(tree: FileTree, owner: string, target: string): Ids {
  const [user = "", group] = owner.split(":");
  const users = parsePasswd(fileText(tree, "/etc/passwd") ?? "");
  const groups = parseGroup(fileText(tree, "/etc/group") ?? "");
  const account = users.find(({ name }) => name === encodeText(user));
  if (account === undefined && !isNumber(user)) throw unknown("user", user, users, owner, target);
  if (group === undefined) return { uid: account!.uid, gid: account!.gid };
  const named = groups.find(({ name }) => name === encodeText(group));
  if (named === undefined && !isNumber(group)) throw unknown("group", group, groups, owner, target);
  return { uid: account?.uid ?? Number(user), gid: named?.gid ?? Number(group) };
}

function unknown(
  what: "user" | "group",
  name: string,
  known: readonly { readonly name: string }[],
  owner: string,
  target: string,
): ImageDslError {
  const names = known.map((each) => decodeText(each.name) ?? each.name);
  const near = nearest(name, names);
  return new ImageDslError(
    "E_FILES",
    `${target}: owner "${owner}" means the ${what} "${name}", whom the image has not`,
    {
      hint:
        near === undefined
          ? `Bring a package that has it, write user: "${name}" in image({ … }), or give numbers: owner: "1000:1000"`
          : `Did you mean "${near}"?`,
    },
  );
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}
