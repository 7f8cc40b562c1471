/**
 * The tools that are not npm packages, and where they come from.
 *
 * @typedef {object} Tool
 * @property {string} name
 * @property {string} version        what `go.mod` beside this file pins
 * @property {(version: string) => boolean} accepts   versions found on PATH that may stand in for it
 * @property {string} variable       environment variable that names a binary and ends the search
 * @property {string} source         folder of the pinned Go module
 * @property {string} package        Go package of the command
 * @property {readonly string[]} flags  of `go build`
 * @property {string} releases       where the official release assets of this version are
 * @property {Readonly<Record<string, {asset: string, sha256?: string}>>} assets  by `<platform>-<arch>` of Node
 */

const here = (/** @type {string} */ path) => new URL(path, import.meta.url).pathname

/** @param {string} version */
const parts = (version) => version.split('.').map(Number)

const OPA_VERSION = '1.22.2'
const REGAL_VERSION = '0.42.0'

/**
 * An asset without `sha256` is never downloaded. Take the figures from the `.sha256` files of the release
 * after comparing them with a second source; do not compute them from a download.
 *
 * @type {Readonly<Record<'opa' | 'regal', Tool>>}
 */
export const TOOLS = {
  opa: {
    name: 'opa',
    version: OPA_VERSION,
    accepts: (version) => {
      const [major = 0, minor = 0] = parts(version)
      return major === 1 && minor >= 22
    },
    variable: 'PORTCULLIS_OPA',
    source: here('./opa'),
    package: 'github.com/open-policy-agent/opa',
    flags: ['-tags', 'opa_no_oci', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w'],
    releases: `https://github.com/open-policy-agent/opa/releases/download/v${OPA_VERSION}/`,
    assets: {
      'linux-x64': { asset: 'opa_linux_amd64_static' },
      'linux-arm64': { asset: 'opa_linux_arm64_static' },
      'darwin-x64': { asset: 'opa_darwin_amd64' },
      'darwin-arm64': { asset: 'opa_darwin_arm64_static' },
      'win32-x64': { asset: 'opa_windows_amd64.exe' },
    },
  },
  regal: {
    name: 'regal',
    version: REGAL_VERSION,
    // A minor version of Regal may bring rules, and with them findings, that this tree has not seen.
    accepts: (version) => {
      const [major = 0, minor = 0] = parts(version)
      return major === 0 && minor === 42
    },
    variable: 'PORTCULLIS_REGAL',
    source: here('./regal'),
    package: 'github.com/open-policy-agent/regal',
    flags: [
      '-trimpath',
      '-buildvcs=false',
      '-ldflags',
      `-s -w -X github.com/open-policy-agent/regal/pkg/version.Version=${REGAL_VERSION}`,
    ],
    releases: `https://github.com/open-policy-agent/regal/releases/download/v${REGAL_VERSION}/`,
    assets: {
      'linux-x64': { asset: 'regal_Linux_x86_64' },
      'linux-arm64': { asset: 'regal_Linux_arm64' },
      'darwin-x64': { asset: 'regal_Darwin_x86_64' },
      'darwin-arm64': { asset: 'regal_Darwin_arm64' },
      'win32-x64': { asset: 'regal_Windows_x86_64.exe' },
    },
  },
}
