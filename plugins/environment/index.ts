/** What programs take for granted: users, a shell, certificates, /tmp. dockerTools' helpers of these names. */
export { environmentPlugin } from "./plugin.ts";
export { shadowSetup } from "./shadow.ts";
export { binSh, caCertificates, fakeNss, shadowFiles, tmp, usrBinEnv } from "./sources.ts";
export type { CaCertificatesOptions, FakeNssOptions, ProgramLinkOptions, ShadowFilesOptions } from "./sources.ts";
