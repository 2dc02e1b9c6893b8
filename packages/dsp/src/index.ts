export { type RateConfig, RateController, rateDefaults } from './rate-controller.js'
export { ResamplerKernel } from './resampler-kernel.js'
export { kaiser, sinc } from './windowed-sinc.js'
