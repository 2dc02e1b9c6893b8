/**
 * The part of libasound we call, bound at run time through koffi: no compiler, no headers, only `libasound.so.2`.
 * Names, argument order and error codes are ALSA's own (alsa-project.org/alsa-doc/alsa-lib, PCM interface).
 */
import koffi from 'koffi'

/** An opaque pointer. */
export type Handle = bigint

type Call<Arguments extends unknown[]> = (...args: Arguments) => number

export interface AlsaLibrary {
  readonly open: Call<[pcm: [Handle | null], name: string, stream: number, mode: number]>
  readonly close: Call<[pcm: Handle]>
  readonly prepare: Call<[pcm: Handle]>
  readonly start: Call<[pcm: Handle]>
  readonly drop: Call<[pcm: Handle]>
  readonly resume: Call<[pcm: Handle]>
  readonly state: Call<[pcm: Handle]>
  readonly wait: Call<[pcm: Handle, timeoutMs: number]>
  readonly avail: Call<[pcm: Handle]>
  readonly delay: Call<[pcm: Handle, frames: [number]]>
  readonly write: Call<[pcm: Handle, interleaved: Uint8Array, frames: number]>
  readonly read: Call<[pcm: Handle, interleaved: Uint8Array, frames: number]>
  readonly explain: (code: number) => string
  readonly hardware: {
    readonly create: Call<[parameters: [Handle | null]]>
    readonly free: (parameters: Handle) => void
    readonly any: Call<[pcm: Handle, parameters: Handle]>
    readonly install: Call<[pcm: Handle, parameters: Handle]>
    readonly setAccess: Call<[pcm: Handle, parameters: Handle, access: number]>
    readonly setFormat: Call<[pcm: Handle, parameters: Handle, format: number]>
    readonly setResampling: Call<[pcm: Handle, parameters: Handle, allowed: number]>
    readonly setChannelsNear: Call<[pcm: Handle, parameters: Handle, channels: [number]]>
    readonly setRateNear: Call<[pcm: Handle, parameters: Handle, rate: [number], direction: [number]]>
    readonly setBufferSizeNear: Call<[pcm: Handle, parameters: Handle, frames: [number]]>
    readonly setPeriodSizeNear: Call<[pcm: Handle, parameters: Handle, frames: [number], direction: [number]]>
    readonly bufferSize: Call<[parameters: Handle, frames: [number]]>
    readonly periodSize: Call<[parameters: Handle, frames: [number], direction: [number]]>
    readonly rateRange: (parameters: Handle) => readonly [minimum: number, maximum: number]
  }
  readonly software: {
    readonly create: Call<[parameters: [Handle | null]]>
    readonly free: (parameters: Handle) => void
    readonly current: Call<[pcm: Handle, parameters: Handle]>
    readonly install: Call<[pcm: Handle, parameters: Handle]>
    readonly setStartThreshold: Call<[pcm: Handle, parameters: Handle, frames: number]>
    readonly setAvailMin: Call<[pcm: Handle, parameters: Handle, frames: number]>
  }
  /** Names of PCM devices with what ALSA says of them. */
  readonly listDevices: () => readonly {
    readonly name: string
    readonly description: string
    readonly direction: string
  }[]
}

/** Binds one function by its C signature. */
type Bind = <Bound>(signature: string) => Bound

let loaded: AlsaLibrary | undefined

/** Loads libasound once per thread. Throws with the remedy when it is not installed. */
export function loadAlsa(): AlsaLibrary {
  loaded ??= bind()
  return loaded
}

function bind(): AlsaLibrary {
  const lib = open()
  const call = <Bound>(signature: string): Bound => lib.func(signature) as unknown as Bound
  const rateMin = call<Call<[Handle, [number], [number]]>>(
    'int snd_pcm_hw_params_get_rate_min(void *params, _Out_ unsigned int *rate, _Out_ int *dir)',
  )
  const rateMax = call<Call<[Handle, [number], [number]]>>(
    'int snd_pcm_hw_params_get_rate_max(void *params, _Out_ unsigned int *rate, _Out_ int *dir)',
  )
  return {
    open: call('int snd_pcm_open(_Out_ void **pcm, const char *name, int stream, int mode)'),
    close: call('int snd_pcm_close(void *pcm)'),
    prepare: call('int snd_pcm_prepare(void *pcm)'),
    start: call('int snd_pcm_start(void *pcm)'),
    drop: call('int snd_pcm_drop(void *pcm)'),
    resume: call('int snd_pcm_resume(void *pcm)'),
    state: call('int snd_pcm_state(void *pcm)'),
    wait: call('int snd_pcm_wait(void *pcm, int timeout)'),
    avail: call('long snd_pcm_avail(void *pcm)'),
    delay: call('int snd_pcm_delay(void *pcm, _Out_ long *frames)'),
    write: call('long snd_pcm_writei(void *pcm, const uint8_t *buffer, unsigned long frames)'),
    read: call('long snd_pcm_readi(void *pcm, _Out_ uint8_t *buffer, unsigned long frames)'),
    explain: call('const char *snd_strerror(int code)'),
    hardware: {
      create: call('int snd_pcm_hw_params_malloc(_Out_ void **params)'),
      free: call('void snd_pcm_hw_params_free(void *params)'),
      any: call('int snd_pcm_hw_params_any(void *pcm, void *params)'),
      install: call('int snd_pcm_hw_params(void *pcm, void *params)'),
      setAccess: call('int snd_pcm_hw_params_set_access(void *pcm, void *params, int access)'),
      setFormat: call('int snd_pcm_hw_params_set_format(void *pcm, void *params, int format)'),
      setResampling: call('int snd_pcm_hw_params_set_rate_resample(void *pcm, void *params, unsigned int allowed)'),
      setChannelsNear: call(
        'int snd_pcm_hw_params_set_channels_near(void *pcm, void *params, _Inout_ unsigned int *channels)',
      ),
      setRateNear: call(
        'int snd_pcm_hw_params_set_rate_near(void *pcm, void *params, _Inout_ unsigned int *rate, _Inout_ int *dir)',
      ),
      setBufferSizeNear: call(
        'int snd_pcm_hw_params_set_buffer_size_near(void *pcm, void *params, _Inout_ unsigned long *frames)',
      ),
      setPeriodSizeNear: call(
        'int snd_pcm_hw_params_set_period_size_near(void *pcm, void *params, _Inout_ unsigned long *frames, _Inout_ int *dir)',
      ),
      bufferSize: call('int snd_pcm_hw_params_get_buffer_size(void *params, _Out_ unsigned long *frames)'),
      periodSize: call(
        'int snd_pcm_hw_params_get_period_size(void *params, _Out_ unsigned long *frames, _Out_ int *dir)',
      ),
      rateRange: (parameters) => {
        const low: [number] = [0]
        const high: [number] = [0]
        rateMin(parameters, low, [0])
        rateMax(parameters, high, [0])
        return [low[0], high[0]]
      },
    },
    software: {
      create: call('int snd_pcm_sw_params_malloc(_Out_ void **params)'),
      free: call('void snd_pcm_sw_params_free(void *params)'),
      current: call('int snd_pcm_sw_params_current(void *pcm, void *params)'),
      install: call('int snd_pcm_sw_params(void *pcm, void *params)'),
      setStartThreshold: call(
        'int snd_pcm_sw_params_set_start_threshold(void *pcm, void *params, unsigned long frames)',
      ),
      setAvailMin: call('int snd_pcm_sw_params_set_avail_min(void *pcm, void *params, unsigned long frames)'),
    },
    listDevices: bindHints(call),
  }
}

function open(): ReturnType<typeof koffi.load> {
  try {
    return koffi.load('libasound.so.2')
  } catch {
    throw new Error('ALSA is not installed on this machine: install libasound2 (Debian: apt-get install libasound2)')
  }
}

/** Device names are found through ALSA's hints, an array of opaque records that ends with a null pointer. */
function bindHints(call: Bind): AlsaLibrary['listDevices'] {
  const nameHint = call<Call<[number, string, [Handle | null]]>>(
    'int snd_device_name_hint(int card, const char *iface, _Out_ void **hints)',
  )
  const getHint = call<(hint: Handle, id: string) => Handle | null>(
    'void *snd_device_name_get_hint(void *hint, const char *id)',
  )
  const freeHints = call<Call<[Handle]>>('int snd_device_name_free_hint(void *hints)')
  const text = (hint: Handle, id: string): string | undefined => {
    const pointer = getHint(hint, id)
    return pointer ? (koffi.decode(pointer, 'char', -1) as string) : undefined
  }
  return () => {
    const hints: [Handle | null] = [null]
    if (nameHint(-1, 'pcm', hints) < 0 || !hints[0]) return []
    const found: { name: string; description: string; direction: string }[] = []
    const pointerBytes = koffi.sizeof('void *')
    for (let offset = 0; ; offset += pointerBytes) {
      const hint = koffi.decode(hints[0], offset, 'void *') as Handle | null
      if (!hint) break
      const name = text(hint, 'NAME')
      if (name) found.push({ name, description: text(hint, 'DESC') ?? '', direction: text(hint, 'IOID') ?? 'both' })
    }
    freeHints(hints[0])
    return found
  }
}

/** Constants of `alsa/pcm.h` and `errno.h` that we use. */
export const alsa = {
  playback: 0,
  capture: 1,
  interleaved: 3,
  state: { open: 0, setup: 1, prepared: 2, running: 3, xrun: 4, draining: 5, paused: 6, suspended: 7, disconnected: 8 },
  error: {
    noEntry: -2,
    tryAgain: -11,
    access: -13,
    busy: -16,
    noDevice: -19,
    brokenPipe: -32,
    badState: -77,
    suspended: -86,
  },
} as const
