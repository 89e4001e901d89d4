/** The hooks that last from the config to the last output, and what their taps are given. */
import type { AsyncParallelHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, SyncHook } from "tapable";
import type { BuildGraph } from "../graph/build-graph.ts";
import type { Image } from "../image/image.ts";
import type { Platform } from "../model/platform.ts";
import type { Build } from "./build.ts";

/** Hooks of the long-lived `Builder`. */
export interface BuilderHooks {
  /** The checked config's graph, before anything is built. May replace images. */
  readonly graph: AsyncSeriesWaterfallHook<[BuildGraph]>;
  /** A new build begins: tap its hooks here. */
  readonly build: SyncHook<[Build]>;
  /** All targets were built and written, and the lock is saved. */
  readonly done: AsyncSeriesHook<[readonly BuildResult[]]>;
  /** The build threw this; taps may clean up, and it is thrown on after them. */
  readonly failed: AsyncSeriesHook<[unknown]>;
  /** `image-dsl doctor`: push what this plugin needs of the host and whether it is there. */
  readonly doctor: AsyncParallelHook<[DoctorReport]>;
}

/** An image that was built. */
export interface BuildResult {
  /** Its name in the config. */
  readonly target: string;
  /** What it was built for. */
  readonly platform: Platform;
  /** Its layers and config. */
  readonly image: Image;
  /** `sha256:…` of the image config. */
  readonly configDigest: string;
  /** `name:tag`. */
  readonly reference: string;
}

/** What `image-dsl doctor` collects of all plugins. */
export interface DoctorReport {
  /** Call it once for each thing that is needed, found or not. */
  add(check: DoctorCheck): void;
}

/** One line of `image-dsl doctor`. */
export interface DoctorCheck {
  /** Of the program or feature, as users know it. */
  readonly name: string;
  /** `limited`: it is there, but not all that it is needed for works. The command's status stays 0 in any case. */
  readonly state: "ok" | "missing" | "limited";
  /** What was found. */
  readonly detail: string;
  /** What it is needed for. */
  readonly purpose: string;
  /** How to get it. */
  readonly mend?: string;
}
