/** The Nix database that an image's base has. */
import {
  ImageDslError,
  displayPath,
  joinPath,
  lookup,
  readWhole,
  type FileEntry,
  type FileTree,
  type TreePath,
} from "../../core/index.ts";
import { SCHEMA_VERSION, type ValidPath } from "./database-schema.ts";
import { readTables } from "./sqlite/read.ts";
import type { SqlValue } from "./sqlite/record.ts";
import type { SqlRow } from "./sqlite/write.ts";

/** Its paths; none where `directory` holds no database. Throws `E_NIX_DATABASE` for one that cannot be read whole. */
export function readBaseDatabase(tree: FileTree, directory: TreePath): ValidPath[] {
  const database = fileAt(tree, joinPath(directory, "db.sqlite"));
  if (database === undefined) return [];
  const log = fileAt(tree, joinPath(directory, "db.sqlite-wal"));
  if (log !== undefined && log.size > 0) {
    throw unreadable(
      database,
      "what was last written to it is still in its log",
      "Run a command of Nix in the base, such as nix-store --verify, and save the base again",
    );
  }
  const schema = fileAt(tree, joinPath(directory, "schema"));
  const version = schema === undefined ? "none" : Buffer.from(readWhole(schema, 100)).toString("latin1").trim();
  if (version !== SCHEMA_VERSION) {
    throw unreadable(
      database,
      `its schema is "${version}", and "${SCHEMA_VERSION}" is known here`,
      "Upgrade Nix in the base",
    );
  }
  try {
    return validPaths(readTables(readWhole(database, "nix.database"), ["ValidPaths", "Refs", "DerivationOutputs"]));
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw unreadable(database, cause.message, "Check it with nix-store --verify in the base", cause);
  }
}

function validPaths(tables: ReadonlyMap<string, readonly SqlRow[]>): ValidPath[] {
  const paths = new Map<SqlValue, string>();
  for (const { rowid, values } of tables.get("ValidPaths")!) paths.set(rowid, textOf(values[1]));
  const references = new Map<SqlValue, string[]>();
  for (const { values } of tables.get("Refs")!) {
    const reference = paths.get(values[1]!);
    if (reference === undefined) throw new RangeError("It refers to a path that it does not have");
    addTo(references, values[0]!, reference);
  }
  const outputs = new Map<SqlValue, [string, string][]>();
  for (const { values } of tables.get("DerivationOutputs")!) {
    addTo(outputs, values[0]!, [textOf(values[1]), textOf(values[2])]);
  }
  return tables.get("ValidPaths")!.map(({ rowid, values }) => {
    const [, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca] = values;
    return {
      path: textOf(path),
      hash: textOf(hash),
      registrationTime: numberOf(registrationTime) ?? 0,
      deriver: optionalText(deriver),
      narSize: numberOf(narSize),
      ultimate: numberOf(ultimate),
      sigs: optionalText(sigs),
      ca: optionalText(ca),
      references: references.get(rowid) ?? [],
      outputs: outputs.get(rowid) ?? [],
    };
  });
}

function addTo<Value>(map: Map<SqlValue, Value[]>, key: SqlValue, value: Value): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

function textOf(value: SqlValue | undefined): string {
  if (typeof value !== "string") throw new RangeError("A path of it lacks what it has to have");
  return value;
}

function optionalText(value: SqlValue | undefined): string | null {
  return value === null || value === undefined ? null : textOf(value);
}

/** A row of an older schema may be shorter. */
function numberOf(value: SqlValue | undefined): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : null;
}

function fileAt(tree: FileTree, path: TreePath): FileEntry | undefined {
  const entry = lookup(tree, path);
  return entry?.type === "file" ? entry : undefined;
}

function unreadable({ path }: FileEntry, why: string, hint: string, cause?: unknown): ImageDslError {
  return new ImageDslError(
    "E_NIX_DATABASE",
    `Cannot add to the Nix database ${displayPath(path)} of the base: ${why}`,
    { hint, cause },
  );
}
