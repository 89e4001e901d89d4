/** Outputs `oci` and `oci-archive`. */
export { ociLayoutPlugin } from "./plugin.ts";
