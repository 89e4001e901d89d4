/**
 * Debian's public archive, for hosts whose apt says nothing of the release that is asked for. No other file of this project
 * names an archive. Plain http, as with apt: signatures tell whose it is, and caches along the way may keep it.
 */

const ARCHIVE = "http://ftp.debian.org/debian";
const SECURITY = "http://security.debian.org/debian-security";

/** Without a slash at its end. */
export function defaultAddress(suite: string): string {
  return suite.endsWith("-security") ? SECURITY : ARCHIVE;
}
