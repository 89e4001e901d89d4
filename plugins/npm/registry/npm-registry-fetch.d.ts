/** Of npm's own client, the defaults alone are used: they know npm's registry. */
declare module "npm-registry-fetch/lib/default-opts.js" {
  const defaults: { readonly registry: string };
  export default defaults;
}
