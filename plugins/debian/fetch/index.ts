/** Getting Debian packages from an archive: what the rest of the plugin uses of this folder. */
export { locateArchive, mayBeUnsigned, openArchive, warnWithoutSecurity } from "./archive.ts";
export type { ArchiveOptions, OpenedArchive, PackagesText } from "./archive.ts";
export type { DebContents } from "./deb-index.ts";
export { fetchPackages } from "./pool.ts";
export type { DebPackage, PoolFile, PoolPlaces } from "./pool.ts";
export { archiveAddresses } from "./locate.ts";
export type { Release } from "./release.ts";
export type { FetchContext } from "./transport.ts";
export { readAptHost } from "./sources-list.ts";
export { defaultAddress } from "./default-archive.ts";
