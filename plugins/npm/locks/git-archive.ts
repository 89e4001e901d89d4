/** Addresses that give a repository's sources, which managers build: no package's tarball. */
export function isGitArchive(url: string): boolean {
  return /^https:\/\/(codeload\.github\.com|bitbucket\.org|gitlab\.com)\//.test(url);
}
