/** URLs as they may appear in messages, events and logs: without what could be a secret. */

/** Leaves out user, password and query (where signed links carry their keys); of other schemes and of what is no URL only the scheme stays. */
export function redactUrl(url: string | URL): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return schemeOnly(String(url));
  }
  if (!/^(https?|file):$/.test(parsed.protocol)) return schemeOnly(parsed.href);
  const query = parsed.search === "" ? "" : "?…";
  const user = parsed.username === "" && parsed.password === "" ? "" : "…@";
  const host = parsed.protocol === "file:" ? "" : `${user}${parsed.host}`;
  return `${parsed.protocol}//${host}${parsed.pathname}${query}`;
}

function schemeOnly(text: string): string {
  return `${/^[a-z][a-z0-9+.-]*:/i.exec(text)?.[0] ?? ""}…`;
}
