/** What is in `/dev` while a script runs as root inside the image, whoever runs it: what every program may count on, and nothing of the host. */

/** With their numbers (Linux, admin-guide/devices.txt); anybody may use them. */
export const DEVICES = [
  { name: "null", major: 1, minor: 3 },
  { name: "zero", major: 1, minor: 5 },
  { name: "full", major: 1, minor: 7 },
  { name: "random", major: 1, minor: 8 },
  { name: "urandom", major: 1, minor: 9 },
  { name: "tty", major: 5, minor: 0 },
] as const;

/** Something else is mounted at each. */
export const DEVICE_FOLDERS = ["pts", "shm"] as const;

/** Symbolic links in `/dev`; those to `/proc` need it to be mounted. */
export const DEVICE_LINKS = [
  { name: "ptmx", target: "pts/ptmx" },
  { name: "fd", target: "/proc/self/fd" },
  { name: "stdin", target: "/proc/self/fd/0" },
  { name: "stdout", target: "/proc/self/fd/1" },
  { name: "stderr", target: "/proc/self/fd/2" },
] as const;
