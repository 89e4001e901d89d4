/** The order in which people sort names (CLDR's root): marks before digits before letters. */
export function sortKey(name: string): string {
  return name.toLowerCase().replaceAll(/[_\-.@/]/g, (mark) => String.fromCharCode("_-.@/".indexOf(mark) + 1));
}
