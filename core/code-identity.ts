/**
 * Which code of ours made a result: what is kept of our own work is found again by the same code only. The build puts
 * the digest of all sources here; run from the sources, nothing says what the code is, and such results are not kept.
 */
declare const __CODE_IDENTITY__: string | undefined;

/** A digest of all of image-dsl's sources, for keys of what its code makes; undefined while it runs from the sources, when nothing is to be kept. */
export const codeIdentity: string | undefined = typeof __CODE_IDENTITY__ === "string" ? __CODE_IDENTITY__ : undefined;
