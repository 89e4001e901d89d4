/** The floors of core: each room may import those below it, types included, so that no room knows who builds on it. */
import type { Problem, SourceFile } from "./source-file.ts";

/** From the ground up. Rooms of one line do not know each other. */
export const FLOORS: readonly (readonly string[])[] = [
  ["redact.ts", "error-codes.ts", "warning-codes.ts", "key-offset.ts"],
  ["error.ts"],
  ["limits"],
  ["regular-file.ts"],
  ["source-place.ts"],
  ["model", "host.ts", "code-identity.ts"],
  ["process", "http", "tree"],
  ["tar", "store", "closure", "graph", "watch", "project"],
  ["image", "compress", "lock"],
  ["format", "explain", "tasks", "distribution"],
  ["pipeline"],
  ["config"],
  ["plan", "run"],
  ["engine", "testing"],
  ["cli"],
  ["index.ts"],
];

const FLOOR_OF = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));

export function checkFloors(file: SourceFile): readonly Problem[] {
  const room = coreRoomOf(file.path);
  if (room === undefined) return [];
  const floor = FLOOR_OF.get(room);
  if (floor === undefined) {
    const message = `core/${room} stands on no floor; give it one in scripts/lint/floors.ts`;
    return [{ path: file.path, line: 1, message }];
  }
  return file.imports.flatMap(({ target, specifier, line }) => {
    const other = target === undefined ? undefined : coreRoomOf(target);
    const below = other === undefined ? undefined : FLOOR_OF.get(other);
    if (other === room || below === undefined || below < floor) return [];
    const message =
      `core/${room} imports "${specifier}", which runs ${below === floor ? "sideways" : "up"} to core/${other}; ` +
      "move what both need to a floor below";
    return [{ path: file.path, line, message }];
  });
}

/** The floors as a picture, the highest first. */
export function floorsText(): string {
  return FLOORS.toReversed()
    .map((rooms) => `  ${rooms.join("  ")}`)
    .join("\n");
}

/** The first folder below core, or the file's name where it stands there itself. */
function coreRoomOf(path: string): string | undefined {
  return /^core\/([^/]+)/.exec(path)?.[1];
}
