/** Times as users write them: ISO 8601 with a zone, whole seconds. */

const TIME = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/;

/** Of files, where nobody says it: one second after the epoch, as some tools take 0 for "no time". Seconds since 1970. */
export const DEFAULT_MTIME = 1;

/** Seconds since 1970, or undefined where the text is no such time. Without a zone the answer would depend on the host. */
export function parseTime(text: string): number | undefined {
  const [, year, month, day] = TIME.exec(text) ?? [];
  if (year === undefined || Number(day) > daysOf(Number(month), Number(year))) return undefined;
  const milliseconds = Date.parse(text);
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** `Date.parse` takes the 31st of February for the 3rd of March. */
function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}
