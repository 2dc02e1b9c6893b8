export { type RateConfig, RateController, rateDefaults } from './rate-controller.js'
export { ResamplerKernel } from './resampler-kernel.js'
