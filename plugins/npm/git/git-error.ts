/** What is wrong with a repository that a lock names. */
import { ImageDslError } from "../../../core/index.ts";

export function gitError(what: string, hint: string): ImageDslError {
  return new ImageDslError("E_NPM_GIT", what, { hint });
}

/** Without a password or a token. */
export function shownRepository(repository: string): string {
  const { protocol, host, pathname } = new URL(repository);
  return `${protocol}//${host}${pathname}`;
}
