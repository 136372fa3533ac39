/** The version of this package; a test holds it equal to package.json. */
export const PYPE_VERSION = '0.1.0'
