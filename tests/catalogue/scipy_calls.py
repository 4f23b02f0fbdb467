"""Functions of SciPy with arguments for which they work.

Module -> arguments -> functions; the names are those of `tests.packages.test_scipy`.
"""

import numpy as np
import scipy

# what newer releases have no more, of which CPython 3.15 needs one
GONE: set[str] = set()
if np.lib.NumpyVersion(scipy.__version__) >= "1.17.0":
    GONE = {
        *("linalg.kron", "spatial.distance.kulczynski1", "special.clpmn"),
        *("spatial.distance.sokalmichener", "special.lpmn", "special.lpn"),
        *("special.sph_harm", "stats.find_repeats"),
    }

CALLS = {
    "cluster.hierarchy": {
        "m": "average centroid complete linkage median single ward weighted",
        "i, 1": "fclusterdata",
        "x, y": "is_isomorphic",
        "x": "is_valid_im is_valid_linkage",
    },
    "cluster.vq": {
        "x, y": "kmeans kmeans2 vq",
        "x": "whiten",
    },
    "fft": {
        "x": """
            dct dctn dst dstn fft fftn fftshift hfft hfftn idct idctn idst
            idstn ifft ifftn ifftshift ihfft ihfftn irfft irfftn rfft
            rfftn
        """,
        "m": "fft2 hfft2 ifft2 ihfft2 irfft2 rfft2",
        "1, x": "fftfreq rfftfreq",
        "x, 2, 1": "fht ifht",
        "x, y": "fhtoffset",
    },
    "interpolate": {
        "x, y, x": "barycentric_interpolate",
        "x, y, u": "bisplrep",
        "x, y, 0.5": "griddata krogh_interpolate pchip_interpolate",
        "p[0], p[1]": "lagrange",
        "x, 3": "pade",
        "m": "splprep",
        "x, y": "splrep",
    },
    "linalg": {
        "m": """
            bandwidth cho_factor cholesky coshm cosm det eig eig_banded
            eigh eigvals eigvals_banded eigvalsh expm expm_cond hessenberg
            inv ishermitian issymmetric ldl logm lu matrix_balance
            null_space orth pinv pinvh polar qr rq schur signm sinhm sinm
            sqrtm svd svdvals tanhm tanm
        """,
        "x": """
            block_diag cholesky_banded circulant companion fiedler
            fiedler_companion hankel lu_factor norm toeplitz
        """,
        "b, m": "cdf2rdf",
        "i, 1": "clarkson_woodruff_transform cossin fractional_matrix_power",
        "x, 3": "convolution_matrix",
        "m, m": """
            expm_frechet khatri_rao kron ordqz orthogonal_procrustes qz
            rsf2csf solve_continuous_lyapunov solve_discrete_lyapunov
            solve_lyapunov subspace_angles
        """,
        "m, b": "lstsq qr_multiply solve solve_triangular",
        "x, y": "matmul_toeplitz solve_circulant solve_toeplitz solveh_banded",
    },
    "ndimage": {
        "i, (2, 2)": "affine_transform",
        "x": """
            binary_closing binary_dilation binary_erosion
            binary_fill_holes binary_hit_or_miss binary_opening
            binary_propagation center_of_mass distance_transform_bf
            distance_transform_cdt distance_transform_edt extrema label
            laplace maximum maximum_position mean median minimum
            minimum_position prewitt sobel spline_filter spline_filter1d
            standard_deviation sum sum_labels uniform_filter variance
        """,
        "x, 3": """
            black_tophat fourier_ellipsoid fourier_gaussian fourier_shift
            fourier_uniform gaussian_filter gaussian_filter1d
            gaussian_gradient_magnitude gaussian_laplace grey_closing
            grey_dilation grey_erosion grey_opening iterate_structure
            maximum_filter maximum_filter1d median_filter minimum_filter
            minimum_filter1d morphological_gradient morphological_laplace
            shift uniform_filter1d white_tophat zoom
        """,
        "x, y": "convolve convolve1d correlate correlate1d",
        "1, x": "generic_gradient_magnitude generic_laplace",
        "x, 2, 1": "percentile_filter",
        "i, 1": "rotate",
    },
    "signal": {
        "2, w, 0.5, u": "abcd_normalize ss2tf ss2zpk",
        "x": """
            argrelmax argrelmin cspline1d cspline2d czt detrend envelope
            freqz gausspulse hilbert hilbert2 medfilt minimum_phase
            periodogram qspline1d qspline2d sawtooth spectrogram square
            stft unique_roots welch wiener
        """,
        "x, y": """
            bilinear coherence convolve correlate csd cspline1d_eval
            deconvolve fftconvolve freqs kaiser_atten lfilter_zi lp2bp
            lp2bs lp2hp lp2lp normalize oaconvolve qspline1d_eval residue
            residuez sweep_poly tf2sos tf2ss tf2zpk upfirdn
        """,
        "p[0], p[1]": "bode cont2discrete freqresp group_delay",
        "1, x": "czt_points",
        "1, w[0]": "cheb1ap cheb2ap",
        "x, 3": """
            closest_STFT_dual_window decimate find_peaks_cwt gauss_spline
            resample vectorstrength zoom_fft
        """,
        "m, m": "convolve2d correlate2d",
        "b": "dbode dfreqresp",
        "b, b": "dlsim",
        "1, 1, w": "ellipap",
        "b, [1.0], x": "filtfilt",
        "x, 2, 1": """
            freqs_zpk freqz_zpk invres invresz lfiltic resample_poly
            savgol_filter zpk2tf
        """,
        "u[:10].reshape(2, 5)": "impulse step",
        "m": "istft medfilt2d sos2tf sos2zpk",
        "x, y, u": "lfilter lombscargle",
        "x, y, 0.5": "lp2bp_zpk lp2bs_zpk lp2hp_zpk lp2lp_zpk zpk2sos zpk2ss",
        "n, n": "peak_prominences peak_widths",
    },
    "sparse": {
        "x": """
            block_diag bsr_matrix coo_array coo_matrix csc_matrix
            csr_array csr_matrix dia_matrix diags diags_array dok_array
            find issparse isspmatrix isspmatrix_bsr isspmatrix_coo
            isspmatrix_csc isspmatrix_csr isspmatrix_dia isspmatrix_dok
            isspmatrix_lil lil_matrix tril triu
        """,
        "m": "bsr_array csc_array dia_array dok_matrix lil_array",
        "x, y": "kron",
        "m, m": "kronsum",
        "n": "random_array",
        "m, [0, 1, 2, 3, 4]": "spdiags",
    },
    "sparse.csgraph": {
        "g": "bellman_ford",
        "i, 1": """
            breadth_first_order breadth_first_tree depth_first_order
            depth_first_tree
        """,
        "m": """
            connected_components csgraph_from_dense
            csgraph_masked_from_dense
        """,
    },
    "spatial.distance": {
        "x, y": """
            braycurtis canberra chebyshev cityblock correlation cosine
            dice euclidean hamming jaccard jensenshannon kulczynski1
            minkowski rogerstanimoto russellrao sokalmichener sokalsneath
            sqeuclidean yule
        """,
        "m, m": "cdist directed_hausdorff",
        "x": "is_valid_dm is_valid_y",
        "m": "num_obs_dm pdist",
        "x, y, u": "seuclidean",
    },
    "special": {
        "x, y": """
            agm assoc_laguerre beta betaln binom boxcox boxcox1p chdtr
            chdtrc chdtri chdtriv comb diric ellipeinc ellipj ellipkinc
            elliprc eval_chebyc eval_chebys eval_chebyt eval_chebyu
            eval_laguerre eval_legendre eval_sh_chebyt eval_sh_chebyu
            eval_sh_legendre expn gammainc gammaincc gammainccinv
            gammaincinv h1vp h2vp hankel1 hankel1e hankel2 hankel2e huber
            hyp0f1 inv_boxcox inv_boxcox1p iv ive ivp jn jv jve jvp kl_div
            kn kv kve kvp mathieu_a mathieu_b modstruve owens_t pbdv pbvv
            pbwa pdtr pdtrc pdtri pdtrik perm poch polygamma powm1
            pseudo_huber rel_entr smirnov smirnovi spherical_in
            spherical_jn spherical_kn spherical_yn stdtr stdtridf stdtrit
            struve tklmbda xlog1py xlogy yn yv yve yvp
        """,
        "x": """
            airy airye bei beip ber berp cbrt cosdg cosm1 cotdg dawsn
            digamma ellipe ellipk ellipkm1 entr erf erfc erfcinv erfcx
            erfi erfinv exp1 exp10 exp2 expi expit expm1 exprel factorial
            fresnel gamma gammaln gammasgn i0 i0e i1 i1e it2i0k0 it2j0y0
            it2struve0 itairy iti0k0 itj0y0 itmodstruve0 itstruve0 j0 j1
            k0 k0e k1 k1e kei keip kelvin ker kerp kolmogi kolmogorov
            lambertw log1p log_expit log_ndtr log_softmax loggamma logit
            logsumexp modfresnelm modfresnelp ndtr ndtri ndtri_exp psi
            rgamma round shichi sici sinc sindg softmax softplus spence
            tandg wofz wrightomega y0 y1 zeta zetac
        """,
        "2, 3, u": """
            assoc_legendre_p assoc_legendre_p_all clpmn lpmn lqmn
            sph_legendre_p sph_legendre_p_all
        """,
        "x, 2, 1": """
            bdtr bdtrc bdtri bdtrik bdtrin besselpoly betainc betaincc
            betainccinv betaincinv btdtria btdtrib chndtr chndtridf
            chndtrinc chndtrix elliprd elliprf elliprg eval_gegenbauer
            eval_genlaguerre fdtr fdtrc fdtri fdtridfd gdtr gdtrc gdtria
            gdtrib gdtrix hyp1f1 hyperu log_wright_bessel lpmv mathieu_cem
            mathieu_modcem1 mathieu_modcem2 mathieu_modsem1
            mathieu_modsem2 mathieu_sem nbdtr nbdtrc nbdtri nbdtrik
            nbdtrin nctdtr nctdtridf nctdtrinc nctdtrit nrdtrimn nrdtrisd
            obl_cv pro_cv radian voigt_profile wright_bessel
        """,
        "2, w, 0.5, u": """
            ellip_normal elliprj eval_jacobi eval_sh_jacobi hyp2f1 ncfdtr
            ncfdtri ncfdtridfd ncfdtridfn ncfdtrinc obl_ang1 obl_rad1
            obl_rad2 pro_ang1 pro_rad1 pro_rad2 sph_harm
        """,
        "n, n": "eval_hermite eval_hermitenorm legendre_p stirling2",
        "n": "factorial2",
        "n, 3": "factorialk",
        "1, x": "legendre_p_all lpn lqn",
    },
    "stats": {
        "x": """
            anderson bayes_mvs chisquare circmean circstd circvar
            combine_pvalues cumfreq describe differential_entropy entropy
            expectile find_repeats gmean gstd gzscore hmean iqr
            jarque_bera kstat kstatvar kurtosis kurtosistest lmoment
            median_abs_deviation mode moment normaltest obrientransform
            power_divergence ppcc_max probplot rankdata relfreq sem
            shapiro siegelslopes sigmaclip skew skewtest theilslopes
            tiecorrect tmax tmean tmin tsem tstd tvar variation wilcoxon
            yeojohnson yeojohnson_normmax zscore
        """,
        "m": "anderson_ksamp spearmanr",
        "x, y": """
            ansari bartlett binned_statistic binned_statistic_dd
            brunnermunzel chatterjeexi energy_distance
            epps_singleton_2samp f_oneway fligner kendalltau kruskal
            ks_2samp kstest levene linregress mannwhitneyu median_test
            mood pearsonr percentileofscore pointbiserialr quantile
            ranksums ttest_ind ttest_rel wasserstein_distance
            wasserstein_distance_nd weightedtau zmap
        """,
        "x, y, u": "binned_statistic_2d",
        "w": "boxcox boxcox_normmax chi2_contingency",
        "1, x": "boxcox_llf yeojohnson_llf",
        "u": "false_discovery_control",
        "g": "fisher_exact",
        "x, 2, 1": "friedmanchisquare",
        "x, 3": "pmean scoreatpercentile",
        "m, b": "ttest_1samp",
    },
}
