/** Which machines' programs a platform runs. */
import { architectureOfNode, hostArchitecture, type Platform } from "../../core/index.ts";

/** 64-bit processors run their 32-bit programs, too. Both by Go's words. */
const ALSO: Readonly<Record<string, readonly string[]>> = { amd64: ["386", "amd64p32"], arm64: ["arm"] };

export function fitsPlatform(architecture: string, platform: Platform): boolean {
  return architecture === platform.architecture || (ALSO[platform.architecture] ?? []).includes(architecture);
}

/** Whether this host can have libraries for it. */
export function runsHere({ architecture = "" }: { readonly architecture?: string | undefined }): boolean {
  return fitsPlatform(architecture, { os: "linux", architecture: architectureOfNode(hostArchitecture()) });
}
