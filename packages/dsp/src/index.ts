export { createInterpolator, type InterpolatedRun, type Interpolator, type InterpolatorSize } from './interpolator.js'
export { type RateConfig, RateController, rateDefaults } from './rate-controller.js'
export { ResamplerKernel } from './resampler-kernel.js'
export { kaiser, sinc } from './windowed-sinc.js'
