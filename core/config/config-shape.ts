/** The config's outermost shape: which of the short forms it is, and its parts besides the images. */
import type { Plugin } from "../pipeline/plugin.ts";
import { messageOf } from "../error.ts";
import { isImageCall } from "../graph/preset.ts";
import { highestOf, type RaisedLimits } from "../limits/limits.ts";
import { LIMITS, type LimitName } from "../limits/table.ts";
import { isSource } from "../model/source.ts";
import { parsePlatform, type Platform } from "../model/platform.ts";
import type { RemoteOptions } from "../model/remote-options.ts";
import type { SharedCacheOptions } from "../model/shared-cache-options.ts";
import { ACCELERATIONS, type VirtualMachineOptions } from "../model/virtual-machine.ts";
import type { ConfigContext } from "./config-types.ts";
import { unknownKeyMessage } from "./describe-issues.ts";
import { describeValue, type Problem } from "./problem.ts";
import { readRemote } from "./remote-shape.ts";

export interface ConfigShape {
  readonly plugins: readonly Plugin[];
  readonly outputs: readonly string[];
  readonly platforms: readonly Platform[] | undefined;
  readonly limits: RaisedLimits | undefined;
  readonly sharedCache: SharedCacheOptions | undefined;
  readonly remote: RemoteOptions | undefined;
  readonly virtualMachine: VirtualMachineOptions | undefined;
  /** How to get the images, still unchecked. Undefined where they are missing, which is then already told. */
  readonly images: ((context: ConfigContext) => unknown) | undefined;
  /** Whether the images may differ from platform to platform. */
  readonly perPlatform: boolean;
}

/** What a package.json has the config under. */
export const PACKAGE_KEY = "image-dsl";

const KEYS = ["plugins", "outputs", "platforms", "limits", "sharedCache", "remote", "virtualMachine", "images"];

/** Tells problems by pushing them; what is left out of the answer was wrong. */
export function readShape(value: unknown, problems: Problem[]): ConfigShape {
  const config = withoutShortForm(value);
  if (config === undefined) {
    const message = `expected { images }, an image, named images or a function, found ${describeValue(value)}`;
    problems.push({ path: [], message });
    return { ...NOTHING, perPlatform: false };
  }
  if ("contents" in config && !("images" in config)) {
    const message =
      "expected an image, found what one is made of, such as nodeApp() gives it: write image(…) around it";
    problems.push({ path: [], message });
    return { ...NOTHING, perPlatform: false };
  }
  for (const key of Object.keys(config)) {
    if (!KEYS.includes(key)) problems.push({ path: [key], message: unknownKeyMessage(key, KEYS) });
  }
  const { images } = config;
  if (images === undefined)
    problems.push({ path: ["images"], message: "is missing; expected an image or named images" });
  else if (typeof images !== "function" && (typeof images !== "object" || images === null)) {
    const message = `expected an image, named images or a function, found ${describeValue(images)}`;
    problems.push({ path: ["images"], message });
  }
  return {
    plugins: listOf("plugins", config["plugins"], problems, readPlugin),
    outputs: listOf("outputs", config["outputs"], problems, readOutput),
    platforms:
      config["platforms"] === undefined ? undefined : listOf("platforms", config["platforms"], problems, readPlatform),
    limits: readLimits(config["limits"], problems),
    sharedCache: readSharedCache(config["sharedCache"], problems),
    remote: readRemote(config["remote"], problems),
    virtualMachine: readVirtualMachine(config["virtualMachine"], problems),
    images: imagesFunction(images),
    perPlatform: typeof images === "function",
  };
}

const NOTHING = {
  plugins: [],
  outputs: [],
  platforms: undefined,
  limits: undefined,
  sharedCache: undefined,
  remote: undefined,
  virtualMachine: undefined,
  images: undefined,
};

function readLimits(value: unknown, problems: Problem[]): RaisedLimits | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({ path: ["limits"], message: `expected { "NAME": number }, found ${describeValue(value)}` });
    return undefined;
  }
  return Object.fromEntries(
    Object.entries(value).filter(([name, most]) => {
      const wrong = faultOfLimit(name, most);
      if (wrong !== undefined) problems.push({ path: ["limits", name], message: wrong });
      return wrong === undefined;
    }),
  );
}

function faultOfLimit(name: string, most: unknown): string | undefined {
  if (!Object.hasOwn(LIMITS, name)) return unknownKeyMessage(name, Object.keys(LIMITS));
  const highest = highestOf(name as LimitName);
  if (Number.isSafeInteger(most) && (most as number) > 0 && (most as number) <= highest) return undefined;
  return `expected a whole number from 1 to ${highest}, found ${describeValue(most)}`;
}

const CACHE_KEYS = ["at", "publicKeys"];

function readSharedCache(value: unknown, problems: Problem[]): SharedCacheOptions | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    const message = `expected { ${CACHE_KEYS.join(", ")} }, found ${describeValue(value)}`;
    problems.push({ path: ["sharedCache"], message });
    return undefined;
  }
  const { at, publicKeys, ...others } = value as Record<string, unknown>;
  for (const key of Object.keys(others)) {
    problems.push({ path: ["sharedCache", key], message: unknownKeyMessage(key, CACHE_KEYS) });
  }
  if (typeof at !== "string" || at === "") {
    const message = `expected a place, such as "docker://registry.example/team/cache", found ${describeValue(at)}`;
    problems.push({ path: ["sharedCache", "at"], message });
  }
  if (publicKeys !== undefined && !(Array.isArray(publicKeys) && publicKeys.every((key) => typeof key === "string"))) {
    const message = `expected a list of public keys, as image-dsl cache keygen prints them, found ${describeValue(publicKeys)}`;
    problems.push({ path: ["sharedCache", "publicKeys"], message });
  }
  return value as SharedCacheOptions;
}

const MACHINE_KEYS = ["acceleration", "kernel", "modules"];

function readVirtualMachine(value: unknown, problems: Problem[]): VirtualMachineOptions | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    problems.push({
      path: ["virtualMachine"],
      message: `expected { ${MACHINE_KEYS.join(", ")} }, found ${describeValue(value)}`,
    });
    return undefined;
  }
  const { acceleration, kernel, modules, ...others } = value as Record<string, unknown>;
  for (const key of Object.keys(others)) {
    problems.push({ path: ["virtualMachine", key], message: unknownKeyMessage(key, MACHINE_KEYS) });
  }
  for (const [key, path] of Object.entries({ kernel, modules })) {
    if (path === undefined || (typeof path === "string" && path !== "")) continue;
    problems.push({ path: ["virtualMachine", key], message: `expected a path, found ${describeValue(path)}` });
  }
  if (acceleration !== undefined && !(ACCELERATIONS as readonly unknown[]).includes(acceleration)) {
    const message = `expected ${ACCELERATIONS.map((each) => `"${each}"`).join(", ")}, found ${describeValue(acceleration)}`;
    problems.push({ path: ["virtualMachine", "acceleration"], message });
  }
  return value as VirtualMachineOptions;
}

function imagesFunction(images: unknown): ConfigShape["images"] {
  if (typeof images === "function") return (context) => (images as (context: ConfigContext) => unknown)(context);
  return typeof images === "object" && images !== null ? () => images : undefined;
}

/** A bare image or record is short for `images`. */
function withoutShortForm(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isImageCall(value)) return { images: value };
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Promise) return undefined;
  const record = value as Readonly<Record<string, unknown>>;
  const isRecord = !Object.keys(record).some((key) => KEYS.includes(key)) && Object.values(record).some(isMeantAsImage);
  return isRecord ? { images: record } : record;
}

/** A source in an image's place is a slip that the check of the images explains best. */
function isMeantAsImage(value: unknown): boolean {
  return isImageCall(value) || isSource(value);
}

function listOf<Item>(
  key: string,
  value: unknown,
  problems: Problem[],
  read: (item: unknown, tell: (message: string) => void) => Item | undefined,
): readonly Item[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    problems.push({ path: [key], message: `expected a list, found ${describeValue(value)}` });
    return [];
  }
  return value.flatMap((item: unknown, index) => {
    const result = read(item, (message) => problems.push({ path: [key, index], message }));
    return result === undefined ? [] : [result];
  });
}

function readOutput(item: unknown, tell: (message: string) => void): string | undefined {
  if (typeof item === "string" && item !== "") return item;
  tell(`expected a destination, such as "docker-archive:{target}.docker.tar", found ${describeValue(item)}`);
  return undefined;
}

function readPlatform(item: unknown, tell: (message: string) => void): Platform | undefined {
  try {
    if (typeof item === "string") return parsePlatform(item);
    tell(`expected a platform, such as "linux/amd64", found ${describeValue(item)}`);
  } catch (cause) {
    tell(messageOf(cause));
  }
  return undefined;
}

function readPlugin(item: unknown, tell: (message: string) => void): Plugin | undefined {
  const plugin = item as Partial<Plugin> | null | undefined;
  if (typeof plugin === "object" && typeof plugin?.name === "string" && typeof plugin.apply === "function") {
    return plugin as Plugin;
  }
  const called = typeof item === "function" ? "; is a call missing, as in plugins: [plugin()]?" : "";
  tell(`expected a plugin, { name, apply(builder) }, found ${describeValue(item)}${called}`);
  return undefined;
}
