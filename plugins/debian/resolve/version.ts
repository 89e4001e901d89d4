/** Debian version numbers: order and constraints (deb-version(7), Debian Policy 5.6.12). */

export type Operator = "<<" | "<=" | "=" | ">=" | ">>";

const WITH_EPOCH = /^[0-9]{1,9}:[0-9A-Za-z](?:[0-9A-Za-z.+~:-]*-[0-9A-Za-z.+~]+|[0-9A-Za-z.+~:]*)$/;
const WITHOUT_EPOCH = /^[0-9A-Za-z](?:[0-9A-Za-z.+~-]*-[0-9A-Za-z.+~]+|[0-9A-Za-z.+~]*)$/;
const LONGEST = 1000;

/** True for text that may stand in a Version field. Colons in the upstream part need an epoch before them. */
export function isVersion(text: string): boolean {
  return text.length <= LONGEST && (WITHOUT_EPOCH.test(text) || WITH_EPOCH.test(text));
}

/** Negative, zero or positive, in dpkg's order: epoch, upstream version, revision; `~` sorts before the end. */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const left = splitVersion(a);
  const right = splitVersion(b);
  return (
    compareDigits(left.epoch, right.epoch) ||
    comparePart(left.upstream, right.upstream) ||
    comparePart(left.revision, right.revision)
  );
}

/** Does `version` fulfil the constraint `operator wanted`? */
export function satisfiesConstraint(version: string, operator: Operator, wanted: string): boolean {
  const order = compareVersions(version, wanted);
  switch (operator) {
    case "<<":
      return order < 0;
    case "<=":
      return order <= 0;
    case "=":
      return order === 0;
    case ">=":
      return order >= 0;
    case ">>":
      return order > 0;
  }
}

function splitVersion(version: string): { epoch: string; upstream: string; revision: string } {
  const colon = version.indexOf(":");
  const rest = version.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon < 0 ? "" : version.slice(0, colon),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Alternates between runs of other characters, compared by weight, and runs of digits, compared as numbers. */
function comparePart(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weightAt(a, i) - weightAt(b, j);
      if (difference !== 0) return difference;
      i += 1;
      j += 1;
    }
    const leftEnd = endOfDigits(a, i);
    const rightEnd = endOfDigits(b, j);
    const difference = compareDigits(a.slice(i, leftEnd), b.slice(j, rightEnd));
    if (difference !== 0) return difference;
    i = leftEnd;
    j = rightEnd;
  }
  return 0;
}

/** `~` before the end and digits, those before letters, letters before everything else. */
function weightAt(text: string, index: number): number {
  if (index >= text.length || isDigit(text, index)) return 0;
  const code = text.charCodeAt(index);
  if (code === 0x7e) return -1;
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isLetter ? code : code + 256;
}

/** Numbers of any length, without making them numbers. The empty text is zero. */
function compareDigits(a: string, b: string): number {
  const left = a.replace(/^0+/, "");
  const right = b.replace(/^0+/, "");
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function endOfDigits(text: string, start: number): number {
  let end = start;
  while (end < text.length && isDigit(text, end)) end += 1;
  return end;
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x30 && code <= 0x39;
}
