/** How virtual machines that scripts run in are made: what a config and the command line may say of it. */

export const ACCELERATIONS = ["auto", "kvm", "tcg"] as const;

export interface VirtualMachineOptions {
  /**
   * What runs the machine's processor: the host's by KVM, or QEMU's emulation of one (`tcg`). With `auto`, KVM where a guest under it
   * was seen to work.
   *
   * @default "auto"
   */
  readonly acceleration?: (typeof ACCELERATIONS)[number];
}
