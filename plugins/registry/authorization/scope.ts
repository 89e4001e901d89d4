/** What a request needs to be allowed (the token protocol's "scope"). */

export type RegistryAction = "pull" | "push" | "delete";

export interface RegistryScope {
  readonly repository: string;
  readonly actions: readonly RegistryAction[];
}

/** Each `repository:NAME:pull,push`, in one order whoever asks. */
export function scopeTexts(scopes: readonly RegistryScope[]): readonly string[] {
  const actions = new Map<string, Set<string>>();
  for (const { repository, actions: wanted } of scopes) {
    const all = actions.get(repository) ?? new Set();
    for (const action of wanted) all.add(action);
    actions.set(repository, all);
  }
  return [...actions]
    .map(([repository, all]) => `repository:${repository}:${[...all].toSorted().join(",")}`)
    .toSorted();
}

/** Whether who may do all that `wider` says may do what `narrower` says. */
export function covers(wider: readonly string[], narrower: readonly string[]): boolean {
  return narrower.every((text) => {
    const [name, actions] = cut(text);
    return wider.some((other) => {
      const [otherName, otherActions] = cut(other);
      return name === otherName && actions.every((action) => otherActions.includes(action));
    });
  });
}

function cut(text: string): readonly [string, readonly string[]] {
  const colon = text.lastIndexOf(":");
  return [text.slice(0, colon), text.slice(colon + 1).split(",")];
}
