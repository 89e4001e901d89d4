/** Outputs into what runs containers here: `docker-daemon`, `podman`, `containers-storage`, `containerd`, and `load`. */
export { daemonsPlugin } from "./plugin.ts";
