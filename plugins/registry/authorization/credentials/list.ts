/** For `doctor`: for which registries this host has credentials, and where; never what they are. */
import { messageOf } from "../../../../core/index.ts";
import { credentialOfEntry } from "./credential.ts";
import { credentialPaths, readCredentialFile } from "./files.ts";
import { hostOfKey } from "./find.ts";
import { helperProgram } from "./credential-helper.ts";

export interface KnownCredential {
  /** `HOST`, `HOST/REPOSITORY`, or `*` for a store that is asked for every registry. */
  readonly registry: string;
  readonly source: string;
}

export interface CredentialList {
  readonly known: readonly KnownCredential[];
  readonly problems: readonly string[];
}

/** Helpers are named, not asked: some would ask the user. */
export async function listCredentials(): Promise<CredentialList> {
  const known: KnownCredential[] = [];
  const problems: string[] = [];
  for (const path of credentialPaths()) {
    try {
      const file = await readCredentialFile(path);
      if (file === undefined) continue;
      for (const [registry, helper] of sorted(file.helpers)) {
        known.push({ registry, source: `${helperProgram(helper)} ("${path}")` });
      }
      if (file.store !== undefined) known.push({ registry: "*", source: `${helperProgram(file.store)} ("${path}")` });
      for (const [key, entry] of sorted(file.auths)) {
        if (isUsable(entry)) known.push({ registry: hostOfKey(key) ?? key, source: `"${path}"` });
        else if (file.store === undefined)
          problems.push(`The entry "${key}" in "${path}" says nothing that can be used`);
      }
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { known, problems };
}

function isUsable(entry: unknown): boolean {
  try {
    return credentialOfEntry(entry) !== undefined;
  } catch {
    return false;
  }
}

function sorted<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
