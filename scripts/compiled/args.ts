/** How a Node that reads no TypeScript runs what was compiled for it. */

/** The variable that has the folder of what was compiled; without it nothing was. */
export const COMPILED = "IMAGE_DSL_TESTS_COMPILED";

/** A stack's places are those of the sources. */
export function compiledArgs(folder: string): readonly string[] {
  const register = new URL("register.js", import.meta.url);
  register.searchParams.set("out", folder);
  return ["--enable-source-maps", "--import", register.href];
}
