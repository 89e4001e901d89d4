/** How virtual machines that scripts run in are made: what a config and the command line may say of it. */

export const ACCELERATIONS = ["auto", "kvm", "tcg"] as const;

/** The config's `virtualMachine`, for scripts that run in one. */
export interface VirtualMachineOptions {
  /**
   * What runs the machine's processor: the host's by KVM, or QEMU's emulation of one (`tcg`). With `auto`, KVM where a guest under it
   * was seen to work.
   *
   * @default "auto"
   */
  readonly acceleration?: (typeof ACCELERATIONS)[number];
  /** A kernel's file (bzImage or vmlinux for amd64, Image for arm64). Default: Debian's for virtual machines. */
  readonly kernel?: string | undefined;
  /** The folder of that kernel's modules, such as /lib/modules/VERSION. Default: none. */
  readonly modules?: string | undefined;
}
