/**
 * Names of what exists for the time a process runs: files and folders in `tmp/`, marks in `running/`. The name says
 * whose it is, so a later process can tell what a killed one left from what a living one uses.
 */
import { lstatSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setInterval } from "node:timers";
import { now, uniqueSuffix } from "../host.ts";
import { OWNER_PATTERN, ownOwner, ownerState } from "./owner.ts";

/** How often owners renew the mtime of what they use, for those who cannot see the owner. */
const RENEWAL_MILLISECONDS = 60 * 60 * 1000;

export interface TemporaryName {
  readonly name: string;
  readonly isAbandoned: boolean;
}

export interface ListOptions {
  /** What is abandoned: by default what a dead process owns; by age, what nobody renewed for too long. */
  readonly by?: "owner" | "age";
  /** Names of this purpose. Others' owners are not looked for, which takes a file of /proc for each. */
  readonly only?: string | undefined;
}

/** `PURPOSE.OWNER.CHANCE`; the purpose is of small letters. */
export function temporaryName(purpose: string): string {
  return `${purpose}.${ownOwner()}.${uniqueSuffix()}`;
}

/**
 * What of a folder has such a name: somebody's own files are none of ours, wherever the store may be set to lie. What
 * belongs to a process that cannot be seen from here counts as abandoned once its mtime is older than `patience`
 * milliseconds; so does everything where only age counts.
 */
export function listTemporary(
  directory: string,
  patience: (purpose: string) => number,
  { by = "owner", only }: ListOptions = {},
): readonly TemporaryName[] {
  return namesIn(directory).flatMap((name) => {
    const [, purpose, owner] = NAME.exec(name) ?? [];
    if (purpose === undefined || owner === undefined) return [];
    if (only !== undefined && purpose !== only) return [];
    const state = by === "age" ? "elsewhere" : ownerState(owner);
    if (state !== "elsewhere") return [{ name, isAbandoned: state === "dead" }];
    const changed = changeOf(join(directory, name));
    return changed === undefined ? [] : [{ name, isAbandoned: now() - changed > patience(purpose) }];
  });
}

/** A day: a file that is being written is renewed by the writing. */
export const PATIENCE_MILLISECONDS = 24 * RENEWAL_MILLISECONDS;

const NAME = new RegExp(`^([a-z]+)\\.(${OWNER_PATTERN})\\.[0-9a-z-]+$`);

const renewed = new Set<string>();
let timer: NodeJS.Timeout | undefined;

/** Renews the file's or folder's mtime while this process lives; the result ends it. */
export function keepRenewed(path: string): () => void {
  renewed.add(path);
  timer ??= setInterval(renewAll, RENEWAL_MILLISECONDS).unref();
  return () => {
    renewed.delete(path);
    if (renewed.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function renewAll(): void {
  const seconds = now() / 1000;
  for (const path of renewed) {
    try {
      utimesSync(path, seconds, seconds);
    } catch {
      // Whoever uses it will notice that it is gone.
    }
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function changeOf(path: string): number | undefined {
  try {
    return lstatSync(path).mtimeMs;
  } catch {
    return undefined; // Gone meanwhile.
  }
}
