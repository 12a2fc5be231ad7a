import type { DirectoryName } from '../formats/tiff.js'
import { code, datum, type ExifForm, method, name, number, numbers, satellites, time } from './exif-values.js'

/**
 * The EXIF tags that are carried over, each with the form that its value must have: camera, lens,
 * exposure, times, position, resolution. Everything else stays behind, above all what can hold a
 * image (thumbnail, MakerNote, UserComment), what was typed in, and what names a person or one
 * single camera (artist, owner, serial numbers). Written newly instead: orientation, size,
 * software. (Exif 2.32, tables 4, 7, 8, 15, 16; DNG 1.7 for the levels by which multispectral
 * cameras are calibrated)
 */
export const KEPT_TAGS: Record<DirectoryName, ReadonlyMap<number, ExifForm>> = {
  image: new Map<number, ExifForm>([
    [0x010f, name], // Make
    [0x0110, name], // Model
    [0x011a, number], // XResolution
    [0x011b, number], // YResolution
    [0x0128, number], // ResolutionUnit
    [0x0132, time], // DateTime
    [0xc619, numbers(2)], // BlackLevelRepeatDim
    [0xc61a, numbers(16)], // BlackLevel
    [0xc61d, numbers(4)], // WhiteLevel
  ]),
  exif: new Map<number, ExifForm>([
    [0x829a, number], // ExposureTime
    [0x829d, number], // FNumber
    [0x8822, number], // ExposureProgram
    [0x8827, numbers(4)], // PhotographicSensitivity
    [0x8830, number], // SensitivityType
    [0x8831, number], // StandardOutputSensitivity
    [0x8832, number], // RecommendedExposureIndex
    [0x8833, number], // ISOSpeed
    [0x8834, number], // ISOSpeedLatitudeyyy
    [0x8835, number], // ISOSpeedLatitudezzz
    [0x9000, code], // ExifVersion
    [0x9003, time], // DateTimeOriginal
    [0x9004, time], // DateTimeDigitized
    [0x9010, time], // OffsetTime
    [0x9011, time], // OffsetTimeOriginal
    [0x9012, time], // OffsetTimeDigitized
    [0x9101, code], // ComponentsConfiguration
    [0x9201, number], // ShutterSpeedValue
    [0x9202, number], // ApertureValue
    [0x9203, number], // BrightnessValue
    [0x9204, number], // ExposureBiasValue
    [0x9205, number], // MaxApertureValue
    [0x9206, number], // SubjectDistance
    [0x9207, number], // MeteringMode
    [0x9208, number], // LightSource
    [0x9209, number], // Flash
    [0x920a, number], // FocalLength
    [0x9290, time], // SubSecTime
    [0x9291, time], // SubSecTimeOriginal
    [0x9292, time], // SubSecTimeDigitized
    [0x9400, number], // AmbientTemperature
    [0x9401, number], // Humidity
    [0x9402, number], // Pressure
    [0x9403, number], // WaterDepth
    [0x9404, number], // Acceleration
    [0x9405, number], // CameraElevationAngle
    [0xa000, code], // FlashpixVersion
    [0xa001, number], // ColorSpace
    [0xa20b, number], // FlashEnergy
    [0xa20e, number], // FocalPlaneXResolution
    [0xa20f, number], // FocalPlaneYResolution
    [0xa210, number], // FocalPlaneResolutionUnit
    [0xa215, number], // ExposureIndex
    [0xa217, number], // SensingMethod
    [0xa300, code], // FileSource
    [0xa301, code], // SceneType
    [0xa401, number], // CustomRendered
    [0xa402, number], // ExposureMode
    [0xa403, number], // WhiteBalance
    [0xa404, number], // DigitalZoomRatio
    [0xa405, number], // FocalLengthIn35mmFilm
    [0xa406, number], // SceneCaptureType
    [0xa407, number], // GainControl
    [0xa408, number], // Contrast
    [0xa409, number], // Saturation
    [0xa40a, number], // Sharpness
    [0xa40c, number], // SubjectDistanceRange
    [0xa432, numbers(4)], // LensSpecification
    [0xa433, name], // LensMake
    [0xa434, name], // LensModel
    [0xa460, number], // CompositeImage
    [0xa500, number], // Gamma
  ]),
  gps: new Map<number, ExifForm>([
    [0x00, numbers(4)], // GPSVersionID
    [0x01, code], // GPSLatitudeRef
    [0x02, numbers(3)], // GPSLatitude
    [0x03, code], // GPSLongitudeRef
    [0x04, numbers(3)], // GPSLongitude
    [0x05, code], // GPSAltitudeRef
    [0x06, number], // GPSAltitude
    [0x07, numbers(3)], // GPSTimeStamp
    [0x08, satellites], // GPSSatellites
    [0x09, code], // GPSStatus
    [0x0a, code], // GPSMeasureMode
    [0x0b, number], // GPSDOP
    [0x0c, code], // GPSSpeedRef
    [0x0d, number], // GPSSpeed
    [0x0e, code], // GPSTrackRef
    [0x0f, number], // GPSTrack
    [0x10, code], // GPSImgDirectionRef
    [0x11, number], // GPSImgDirection
    [0x12, datum], // GPSMapDatum
    [0x13, code], // GPSDestLatitudeRef
    [0x14, numbers(3)], // GPSDestLatitude
    [0x15, code], // GPSDestLongitudeRef
    [0x16, numbers(3)], // GPSDestLongitude
    [0x17, code], // GPSDestBearingRef
    [0x18, number], // GPSDestBearing
    [0x19, code], // GPSDestDistanceRef
    [0x1a, number], // GPSDestDistance
    [0x1b, method], // GPSProcessingMethod
    // Not GPSAreaInformation: the name of a place, typed in.
    [0x1d, time], // GPSDateStamp
    [0x1e, number], // GPSDifferential
    [0x1f, number], // GPSHPositioningError
  ]),
  interoperability: new Map<number, ExifForm>([
    [0x0001, code], // InteroperabilityIndex: R03 marks Adobe RGB
    [0x0002, code], // InteroperabilityVersion
  ]),
}
