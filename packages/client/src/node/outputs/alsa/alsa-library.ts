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
  /**
   * Frames that can be written, and frames between the next one written and the loudspeaker, at one moment: the first
   * elements of what is given, which have room for a long each. Made with every chunk: arrays would be copied both ways.
   */
  readonly availDelay: Call<[pcm: Handle, free: Int32Array, queued: Int32Array]>
  /** Frames written; fewer than given when there is no room for more. */
  readonly write: Call<[pcm: Handle, interleaved: Uint8Array, frames: number]>
  readonly explain: (code: number) => string
  /** What ALSA says of the chain of plugins to the device, in several lines for people. */
  readonly describe: (pcm: Handle) => string
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
    readonly rateRange: (parameters: Handle) => readonly [least: number, most: number]
    readonly channelRange: (parameters: Handle) => readonly [least: number, most: number]
  }
  readonly software: {
    readonly create: Call<[parameters: [Handle | null]]>
    readonly free: (parameters: Handle) => void
    readonly current: Call<[pcm: Handle, parameters: Handle]>
    readonly install: Call<[pcm: Handle, parameters: Handle]>
    readonly setStartThreshold: Call<[pcm: Handle, parameters: Handle, frames: number]>
    readonly setAvailMin: Call<[pcm: Handle, parameters: Handle, frames: number]>
  }
  /** What ALSA's configuration names for people to choose from, with all it says of each. */
  readonly listDevices: () => readonly ListedDevice[]
}

export interface ListedDevice {
  readonly name: string
  /** May have several lines. */
  readonly description: string
  readonly plays: boolean
}

type RangeEnd = Call<[parameters: Handle, value: [number], direction: [number]]>

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
  const range = (what: 'rate' | 'channels'): AlsaLibrary['hardware']['rateRange'] => {
    // Only the rate has a direction; a further argument does no harm in C.
    const least = call<RangeEnd>(
      `int snd_pcm_hw_params_get_${what}_min(void *p, _Out_ unsigned int *value, _Out_ int *d)`,
    )
    const most = call<RangeEnd>(
      `int snd_pcm_hw_params_get_${what}_max(void *p, _Out_ unsigned int *value, _Out_ int *d)`,
    )
    return (parameters) => {
      const low: [number] = [0]
      const high: [number] = [0]
      least(parameters, low, [0])
      most(parameters, high, [0])
      return [low[0], high[0]]
    }
  }
  silence(lib)
  return {
    open: call('int snd_pcm_open(_Out_ void **pcm, const char *name, int stream, int mode)'),
    close: call('int snd_pcm_close(void *pcm)'),
    prepare: call('int snd_pcm_prepare(void *pcm)'),
    start: call('int snd_pcm_start(void *pcm)'),
    drop: call('int snd_pcm_drop(void *pcm)'),
    resume: call('int snd_pcm_resume(void *pcm)'),
    state: call('int snd_pcm_state(void *pcm)'),
    wait: call('int snd_pcm_wait(void *pcm, int timeout)'),
    availDelay: call('int snd_pcm_avail_delay(void *pcm, void *avail, void *delay)'),
    write: call('long snd_pcm_writei(void *pcm, const uint8_t *buffer, unsigned long frames)'),
    explain: call('const char *snd_strerror(int code)'),
    describe: bindDescription(call),
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
      rateRange: range('rate'),
      channelRange: range('channels'),
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
    throw new Error(
      process.platform === 'linux'
        ? 'ALSA is not installed on this machine: install libasound2 (Debian: apt-get install libasound2)'
        : 'there are no ALSA sound cards on this system: play with --output speaker, or in a browser',
    )
  }
}

/**
 * Keeps libasound from writing to standard error on its own: every failure reaches us as a code and is said once. Its
 * handler may be called in any thread, even one that JavaScript has left, so it has to be a C function that ignores its
 * arguments; this one of libasound's own does.
 */
function silence(lib: ReturnType<typeof koffi.load>): void {
  lib.func('int snd_lib_error_set_handler(void *handler)')(lib.symbol('snd_asoundlib_version'))
}

function bindDescription(call: Bind): AlsaLibrary['describe'] {
  const open = call<Call<[[Handle | null]]>>('int snd_output_buffer_open(_Out_ void **output)')
  const dump = call<Call<[Handle, Handle]>>('int snd_pcm_dump(void *pcm, void *output)')
  const read = call<Call<[Handle, [Handle | null]]>>('size_t snd_output_buffer_string(void *output, _Out_ void **text)')
  const close = call<Call<[Handle]>>('int snd_output_close(void *output)')
  return (pcm) => {
    const output: [Handle | null] = [null]
    if (open(output) < 0 || output[0] === null) return ''
    const text: [Handle | null] = [null]
    const length = dump(pcm, output[0]) < 0 ? 0 : read(output[0], text)
    // It is counted, not ended by a zero, and gone with the output.
    const description = length > 0 && text[0] ? (koffi.decode(text[0], 'char', length) as string) : ''
    close(output[0])
    return description
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
  const free = call<(pointer: Handle) => void>('void free(void *pointer)')
  const text = (hint: Handle, id: string): string | undefined => {
    const pointer = getHint(hint, id)
    if (!pointer) return undefined
    const decoded = koffi.decode(pointer, 'char', -1) as string
    free(pointer)
    return decoded
  }
  return () => {
    const hints: [Handle | null] = [null]
    if (nameHint(-1, 'pcm', hints) < 0 || !hints[0]) return []
    const found: ListedDevice[] = []
    const pointerBytes = koffi.sizeof('void *')
    for (let offset = 0; ; offset += pointerBytes) {
      const hint = koffi.decode(hints[0], offset, 'void *') as Handle | null
      if (!hint) break
      const name = text(hint, 'NAME')
      // Without IOID it does both.
      if (name) found.push({ name, description: text(hint, 'DESC') ?? '', plays: text(hint, 'IOID') !== 'Input' })
    }
    freeHints(hints[0])
    return found
  }
}

/** Constants of `alsa/pcm.h` and `errno.h` that we use; a code an ALSA function returns is a negative errno. */
export const alsa = {
  playback: 0,
  /** Nothing waits: a device in use is said to be, instead of waited for, and so is a full buffer. */
  nonblock: 1,
  interleaved: 3,
  state: { running: 3, suspended: 7, disconnected: 8 },
  error: {
    notPermitted: -1,
    noEntry: -2,
    noAddress: -6,
    tryAgain: -11,
    access: -13,
    busy: -16,
    noDevice: -19,
    brokenPipe: -32,
    badDescriptor: -77,
    refused: -111,
    hostDown: -112,
  },
} as const
