/** The order of an index: where each package stands whatever the order of the stanzas, so that nothing depends on that. */
import type { PackageRecord } from "./package-record.ts";
import { compareVersions } from "./version.ts";

/**
 * By name, the highest priority first, of that the highest version, the first archive's before another's. Zero only for stanzas of one text: an
 * archive may write one version in two ways (`1` and `1-0`), or hold it twice.
 */
export function compareRecords(
  a: PackageRecord,
  b: PackageRecord,
  texts: readonly string[],
  priorities: readonly number[],
): number {
  return (
    compareText(a.name, b.name) ||
    (priorities[b.archive] ?? 0) - (priorities[a.archive] ?? 0) ||
    compareVersions(b.version, a.version) ||
    a.archive - b.archive ||
    compareText(stanzaText(a, texts), stanzaText(b, texts))
  );
}

/** Without the line end that a text's last stanza may have. */
function stanzaText(record: PackageRecord, texts: readonly string[]): string {
  return texts[record.archive]?.slice(record.start, record.end).trimEnd() ?? "";
}

/** By code units: bytewise in a byte string. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
