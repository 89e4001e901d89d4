/** The tables of Nix's database, schema 10, and what Nix 2.8 has beside them. */
import type { SqlValue } from "./sqlite/record.ts";
import type { SqlIndex, SqlObject, SqlRow } from "./sqlite/write.ts";

/** What stands in the file `schema` beside the database. */
export const SCHEMA_VERSION = "10";

/** One store path that is there and whole. */
export interface ValidPath {
  readonly path: string;
  /** `sha256:` and hex digits, of its Nix archive. */
  readonly hash: string;
  /** Seconds since 1970. */
  readonly registrationTime: number;
  readonly deriver: string | null;
  readonly narSize: number | null;
  /** 1: built here. */
  readonly ultimate: number | null;
  /** Signatures, parted by blanks. */
  readonly sigs: string | null;
  /** For what names its own content. */
  readonly ca: string | null;
  /** Paths of the same database. */
  readonly references: readonly string[];
  /** Of a derivation: its outputs' names and paths. */
  readonly outputs: readonly (readonly [string, string])[];
}

const VALID_PATHS = `CREATE TABLE ValidPaths (
  id integer primary key autoincrement not null,
  path text unique not null,
  hash text not null,
  registrationTime integer not null,
  deriver text,
  narSize integer,
  ultimate integer,
  sigs text,
  ca text
)`;

const REFS = `CREATE TABLE Refs (
  referrer integer not null,
  reference integer not null,
  primary key (referrer, reference),
  foreign key (referrer) references ValidPaths(id) on delete cascade,
  foreign key (reference) references ValidPaths(id) on delete restrict
)`;

const DELETE_SELF_REFS = `CREATE TRIGGER DeleteSelfRefs before delete on ValidPaths begin
  delete from Refs where referrer = old.id and reference = old.id;
end`;

const DERIVATION_OUTPUTS = `CREATE TABLE DerivationOutputs (
  drv integer not null,
  id text not null,
  path text not null,
  primary key (drv, id),
  foreign key (drv) references ValidPaths(id) on delete cascade
)`;

/** The database of these paths, each given once, in their order. */
export function databaseObjects(paths: readonly ValidPath[]): SqlObject[] {
  const ids = new Map(paths.map(({ path }, index) => [path, index + 1]));
  const refs = rowsOf(paths.flatMap(({ references }, index) => references.map((path) => [index + 1, ids.get(path)!])));
  const outputs = rowsOf(paths.flatMap((each, index) => each.outputs.map(([name, path]) => [index + 1, name, path])));
  return [
    { type: "table", name: "ValidPaths", sql: VALID_PATHS, rows: paths.map(pathRow) },
    ownIndex(
      "ValidPaths",
      paths.map(({ path }, index) => [path, index + 1]),
    ),
    {
      type: "table",
      name: "sqlite_sequence",
      sql: "CREATE TABLE sqlite_sequence(name,seq)",
      rows: paths.length === 0 ? [] : [{ rowid: 1, values: ["ValidPaths", paths.length] }],
    },
    { type: "table", name: "Refs", sql: REFS, rows: refs },
    ownIndex(
      "Refs",
      refs.map(({ rowid, values }) => [...values, rowid]),
    ),
    index(
      "IndexReferrer",
      "Refs",
      "referrer",
      refs.map(({ rowid, values }) => [values[0]!, rowid]),
    ),
    index(
      "IndexReference",
      "Refs",
      "reference",
      refs.map(({ rowid, values }) => [values[1]!, rowid]),
    ),
    { type: "trigger", name: "DeleteSelfRefs", table: "ValidPaths", sql: DELETE_SELF_REFS },
    { type: "table", name: "DerivationOutputs", sql: DERIVATION_OUTPUTS, rows: outputs },
    ownIndex(
      "DerivationOutputs",
      outputs.map(({ rowid, values }) => [values[0]!, values[1]!, rowid]),
    ),
    index(
      "IndexDerivationOutputs",
      "DerivationOutputs",
      "path",
      outputs.map(({ rowid, values }) => [values[2]!, rowid]),
    ),
  ];
}

function pathRow(each: ValidPath, index: number): SqlRow {
  const { path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca } = each;
  return { rowid: index + 1, values: [null, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca] };
}

function rowsOf(all: readonly (readonly SqlValue[])[]): SqlRow[] {
  return all.map((values, index) => ({ rowid: index + 1, values }));
}

/** What SQLite keeps itself for the table's `unique` or primary key. */
function ownIndex(table: string, keys: SqlIndex["keys"]): SqlIndex {
  return { type: "index", name: `sqlite_autoindex_${table}_1`, table, sql: null, keys };
}

function index(name: string, table: string, column: string, keys: SqlIndex["keys"]): SqlIndex {
  return { type: "index", name, table, sql: `CREATE INDEX ${name} on ${table}(${column})`, keys };
}
