/** The plugins that every build has, in the order in which they are applied. */
import type { Plugin } from "../core/index.ts";
import { dockerArchivePlugin } from "./docker-archive/index.ts";
import { appsPlugin } from "./apps/index.ts";
import { autoLayersPlugin } from "./auto-layers/index.ts";
import { checksPlugin } from "./checks/index.ts";
import { daemonsPlugin } from "./daemons/index.ts";
import { debianPlugin } from "./debian/index.ts";
import { digestPlugin } from "./digest/index.ts";
import { dockertoolsPlugin } from "./dockertools/index.ts";
import { elfPlugin } from "./elf/index.ts";
import { npmPlugin } from "./npm/index.ts";
import { environmentPlugin } from "./environment/index.ts";
import { fakechrootPlugin } from "./fakechroot/index.ts";
import { fakerootPlugin } from "./fakeroot/index.ts";
import { filesPlugin } from "./files/index.ts";
import { imagePlugin } from "./image/index.ts";
import { imageArchivePlugin } from "./image-archive/index.ts";
import { hostScriptPlugin } from "./host-script/index.ts";
import { ldconfigPlugin } from "./ldconfig/index.ts";
import { layeringPipelinePlugin } from "./layering-pipeline/index.ts";
import { ociLayoutPlugin } from "./oci-layout/index.ts";
import { nixPlugin, nixShellPlugin } from "./nix/index.ts";
import { popularityPlugin } from "./popularity/index.ts";
import { registryPlugin } from "./registry/index.ts";
import { remoteExecutionPlugin } from "./remote-execution/index.ts";
import { rootfsPlugin } from "./rootfs/index.ts";
import { stableLayersPlugin } from "./stable-layers/index.ts";
import { runtimesPlugin } from "./runtimes/index.ts";
import { stepPlugin } from "./step/index.ts";
import { namespacePlugin } from "./namespace/index.ts";
import { vmPlugin } from "./vm/index.ts";
import { archivePlugin } from "./archive/index.ts";

export const standardPlugins: readonly Plugin[] = Object.freeze([
  imagePlugin,
  dockertoolsPlugin,
  imageArchivePlugin,
  filesPlugin,
  archivePlugin,
  appsPlugin,
  stepPlugin,
  elfPlugin,
  debianPlugin,
  npmPlugin,
  runtimesPlugin,
  nixPlugin,
  nixShellPlugin,
  environmentPlugin,
  ldconfigPlugin,
  autoLayersPlugin,
  stableLayersPlugin,
  popularityPlugin,
  layeringPipelinePlugin,
  hostScriptPlugin,
  fakerootPlugin,
  fakechrootPlugin,
  vmPlugin,
  namespacePlugin,
  checksPlugin,
  dockerArchivePlugin,
  ociLayoutPlugin,
  registryPlugin,
  remoteExecutionPlugin,
  daemonsPlugin,
  rootfsPlugin,
  digestPlugin,
]);
