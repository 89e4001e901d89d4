/** Where a suite lies below its archive's address (sources.list(5)). */

/** A flat archive has its lists in one folder, without suites and components; a slash at the suite's end says so. */
export function isFlat(suite: string): boolean {
  return suite.endsWith("/");
}

/** Of a file of the suite: `dists/bookworm/InRelease`; in a flat archive `InRelease`, or what folder it is in. */
export function suiteFile(suite: string, file: string): string {
  const folder = isFlat(suite) ? suite.split("/").filter((part) => part !== "" && part !== ".") : ["dists", suite];
  return [...folder, file].join("/");
}
