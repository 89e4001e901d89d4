/** The plugins that every build has, in the order in which they are applied. */
import type { Plugin } from "../core/index.ts";
import { archivePlugin } from "./archive/index.ts";
import { autoLayersPlugin } from "./auto-layers/index.ts";
import { debianPlugin } from "./debian/index.ts";
import { digestPlugin } from "./digest/index.ts";
import { dockertoolsPlugin } from "./dockertools/index.ts";
import { elfPlugin } from "./elf/index.ts";
import { fakechroot } from "./fakechroot/index.ts";
import { fakeroot } from "./fakeroot/index.ts";
import { filesPlugin } from "./files/index.ts";
import { hostScript } from "./host-script/index.ts";
import { ldconfig as ldconfigPlugin } from "./ldconfig/index.ts";
import { popularityPlugin } from "./popularity/index.ts";
import { rootfsPlugin } from "./rootfs/index.ts";
import { tarballPlugin } from "./tarball/index.ts";

export const standardPlugins: readonly Plugin[] = Object.freeze([
  dockertoolsPlugin,
  filesPlugin,
  tarballPlugin,
  elfPlugin,
  debianPlugin,
  ldconfigPlugin,
  autoLayersPlugin,
  popularityPlugin,
  hostScript(),
  fakeroot(),
  fakechroot(),
  archivePlugin,
  rootfsPlugin,
  digestPlugin,
]);
